package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/internal/testenv"
	"gofab/runtime/event"
)

func render(t testing.TB, r *Report) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := HTML(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// elements counts what a page is made of.
func elements(t testing.TB, page []byte) map[string]int {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			count[n.Data]++
		}
		for _, a := range n.Attr {
			count[n.Data+"["+a.Key+"]"]++
		}
	}
	return count
}

// attacks are texts that a host may send.
var attacks = []string{
	"<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", `"><svg onload=alert(1)>`, "' onmouseover='x", "{{.Script}}",
	"\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J", "\u202eabc\u2066", "\u200b\u200d\ufeff", "\x00\x01\x7f\x9b", "caf\xe9 \xff\xfe", "-->", "]]>",
	"</pre></details></body></html>", "</style><style>body{display:none}", "\r\noverwritten\r", "<!--", "javascript:alert(1)", "&lt;b&gt;&#0;",
}

// hostile gives every text of a run to an attacker.
func hostile(attack string) []moment {
	e := &event.Failure{
		Kind: fault.Kind("exit"), Message: attack, Hint: attack, Where: attack, Host: attack, Trace: []string{attack, attack},
	}
	host := "h" + attack
	zero := 0
	events := []event.Event{
		event.RunStart{File: attack, Tasks: []string{attack}, Hosts: []string{host, "well"}},
		event.TaskStart{Task: attack, Host: host}, event.TaskStart{Task: attack, Host: "well"},
		event.Connected{Host: host, Transport: attack, Address: attack, User: attack, Detail: attack},
		event.CommandStart{ID: 1, Host: host, Command: attack, Cwd: attack, User: attack},
		event.Output{ID: 1, Host: host, Stream: event.Stdout, Line: attack},
		event.Output{ID: 1, Host: host, Stream: event.Stderr, Line: attack},
		event.CommandEnd{ID: 1, Host: host, Command: attack, OK: true, Code: &zero, Duration: 5},
		event.CommandStart{ID: 2, Host: "well", Command: attack}, event.CommandEnd{ID: 2, Host: "well", Command: attack},
		event.Transfer{Host: host, Path: attack, Direction: event.Put, Finished: true},
		event.Print{Host: host, Text: attack}, event.Print{Text: attack + "\n"},
		event.Log{Level: event.Error, Host: host, Text: attack, Fields: map[string]any{attack: attack}},
		event.Warning{Host: host, Text: attack, Hint: attack},
		event.TaskEnd{Task: attack, Host: host, State: event.Failed, Error: e},
		event.TaskEnd{Task: attack, Host: "well", State: event.OK, Duration: 7},
		event.HostState{Host: host, State: event.Failed, Error: e}, event.HostState{Host: "well", State: event.OK},
		event.Problem{Error: e},
		event.RunEnd{Summary: event.Summarize([]event.HostResult{{Host: host, State: event.Failed}, {Host: "well", State: event.OK}}, time.Second)},
	}
	var all []moment
	for i, e := range events {
		all = append(all, moment{time.Duration(i) * time.Millisecond, e})
	}
	return all
}

// TestHTMLHasNoElementOfOthers: whatever hosts send, the page consists of the
// same elements and attributes as with harmless texts.
func TestHTMLHasNoElementOfOthers(t *testing.T) {
	want := elements(t, render(t, collect(t, hostile("harmless"))))
	for _, attack := range attacks {
		page := render(t, collect(t, hostile("x"+attack)))
		for what, n := range elements(t, page) {
			if n > want[what] && what != "span" && what != "span[class]" && what != "br" { // lines of output
				t.Errorf("%q: %d %s, want %d", attack, n, what, want[what])
			}
		}
		if i := bytes.IndexFunc(page, func(r rune) bool { return r != '\n' && r != '\t' && (termsafe.Unsafe(r) || invisible(r)) }); i >= 0 {
			t.Errorf("%q: %q is in the page", attack, page[i:i+5])
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, attack := range attacks {
		f.Add(attack)
	}
	want := elements(f, render(f, collect(f, hostile("harmless"))))
	f.Fuzz(func(t *testing.T, attack string) {
		page := render(t, collect(t, hostile("x"+attack)))
		for what, n := range elements(t, page) {
			if n > want[what] && what != "span" && what != "span[class]" {
				t.Errorf("%d %s, want %d", n, what, want[what])
			}
		}
	})
}

// TestHTMLNamesEveryHostOnce in its table.
func TestHTMLNamesEveryHostOnce(t *testing.T) {
	row := regexp.MustCompile(`<th scope="row"><bdi>(.*?)</bdi>`)
	for seed := range uint64(10) {
		f := newFleet(seed, 150)
		f.run(20, "deploy")
		count := map[string]int{}
		for _, m := range row.FindAllSubmatch(render(t, f.report(t)), -1) {
			count[string(m[1])]++
		}
		for _, host := range f.hosts {
			if count[host] != 1 {
				t.Fatalf("seed %d: %s is there %d times", seed, host, count[host])
			}
		}
	}
}

// TestHTMLIsSmall also when a thousand hosts all say something long of their
// own.
func TestHTMLIsSmall(t *testing.T) {
	f := newFleet(1, 1000)
	f.say = func(host string, command int) (stdout, stderr []string) {
		for i := range 15 {
			stdout = append(stdout, fmt.Sprintf("%s said line %d of command %d: %s", host, i, command, strings.Repeat("<&>", 30)))
		}
		return stdout, []string{host + strings.Repeat("x", 20_000)}
	}
	f.run(50, "deploy")
	page := render(t, f.report(t))
	if len(page) > 5<<20 {
		t.Errorf("%d bytes", len(page))
	}
	if lines := bytes.Split(page, []byte("\n")); len(lines) < 1000 {
		t.Errorf("%d lines", len(lines))
	}
}

// frame is a window of any size: the browser's own has a least width.
const frame = `<!DOCTYPE html><iframe srcdoc="%s" style="width:%dpx;height:%dpx;border:0"></iframe>`

// browse opens a page in a real browser and gives the document as it is when
// all scripts have run, and what the browser complained about.
func browse(t *testing.T, page []byte, width, height int) (dom, complaints string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "window.html")
	if err := os.WriteFile(path, fmt.Appendf(nil, frame, html.EscapeString(string(page)), width, height), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), testenv.Require(t, "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--enable-logging=stderr", "--virtual-time-budget=5000",
		"--window-size=1600,1200", "--dump-dom", "file://"+path)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	for line := range strings.Lines(errs.String()) {
		if strings.Contains(line, "CONSOLE") {
			complaints += line
		}
	}
	return out.String(), complaints
}

// probe measures a page from inside. It needs a page without its policy.
const probe = `<script>
window.addEventListener("load", function () {
  var root = document.documentElement, wide = [];
  document.querySelectorAll("body *").forEach(function (e) {
    var box = e.getBoundingClientRect();
    if (box.right > root.clientWidth + 1 && box.width > 0 && !e.closest(".track, .label")) wide.push(e.tagName + "." + e.className);
  });
  document.querySelector("#hosts thead button").click();
  var find = document.getElementById("find");
  find.value = "web003";
  find.dispatchEvent(new Event("input"));
  var rows = Array.prototype.filter.call(document.querySelectorAll("#hosts tbody tr"), function (r) { return r.offsetHeight > 0; });
  parent.document.documentElement.setAttribute("data-measured",
    [innerWidth, root.scrollWidth - root.clientWidth, rows.length, document.images.length, wide.slice(0, 5).join(" ")].join("|"));
});
</script></body>`

// TestInABrowser: on a phone and on a desk nothing is wider than the window,
// the script works, and the browser has nothing to complain about, not even with
// the policy that allows no network.
func TestInABrowser(t *testing.T) {
	f := newFleet(3, 60)
	f.say = func(host string, command int) (stdout, stderr []string) {
		if host == "web003" {
			return append(attacks, strings.Repeat("endless", 150_000)), attacks
		}
		return f.usual(host, command)
	}
	f.run(10, "prepare", "deploy", strings.Repeat("a_very_long_task_name", 10))
	page := render(t, f.report(t))
	if _, complaints := browse(t, page, 390, 844); complaints != "" {
		t.Error(complaints)
	}
	for _, window := range [][2]int{{390, 844}, {1280, 900}} {
		open := strings.Replace(string(page), "http-equiv=\"Content-Security-Policy\"", "name=\"none\"", 1)
		open = strings.Replace(strings.ReplaceAll(open, "<details", "<details open"), "</body>", probe, 1)
		dom, complaints := browse(t, []byte(open), window[0], window[1])
		measured := regexp.MustCompile(`data-measured="([^"]*)"`).FindStringSubmatch(dom)
		if want := fmt.Sprintf("%d|0|1|0|", window[0]); measured == nil || measured[1] != want || complaints != "" {
			t.Errorf("measured %q, want %q %s", measured, want, complaints)
		}
	}
}

// TestHTMLWithoutScript: what the script adds is hidden without it, and all
// filters of states are there.
func TestHTMLWithoutScript(t *testing.T) {
	page := string(render(t, collect(t, hostile("x"))))
	if !strings.Contains(page, `id="find" placeholder="find a host or a reason" aria-label="find a host or a reason" hidden>`) {
		t.Error("the search is shown")
	}
	for _, state := range event.States {
		if !strings.Contains(page, fmt.Sprintf("#show-%s:checked ~ .sheet tbody tr:not(.%s)", state, state)) {
			t.Errorf("no filter for %s", state)
		}
		if signs[state] == "" || !strings.Contains(pageStyle, fmt.Sprintf(".%s { --c: var(--%s); }", state, state)) {
			t.Errorf("%s has no sign or no colour", state)
		}
	}
	for _, outside := range []string{"http:", "https:", "//", "url(", "@import", "src="} {
		text := regexp.MustCompile(`(?s)<script>.*?</script>`).ReplaceAllString(page, "")
		if strings.Contains(text, outside) {
			t.Errorf("the page asks for something outside: %s", outside)
		}
	}
}

func TestVerdict(t *testing.T) {
	state := func(host string, s event.State) event.Event { return event.HostState{Host: host, State: s} }
	problem := event.Problem{Error: &event.Failure{Kind: fault.Script, Message: "x"}}
	for want, events := range map[string][]event.Event{
		"Done":                  {event.Print{Text: "x"}, event.TaskStart{Task: "t"}, event.TaskEnd{Task: "t", State: event.OK}},
		"The run failed":        {problem},
		"The host is well":      {state("a", event.OK)},
		"All 2 hosts are well":  {state("a", event.OK), state("b", event.OK)},
		"1 of 2 hosts well":     {state("a", event.OK), state("b", event.Skipped)},
		"One host: unreachable": {state("a", event.Unreachable)},
	} {
		var moments []moment
		for _, e := range events {
			moments = append(moments, moment{0, e})
		}
		if got := verdict(collect(t, moments)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain\n\ttext": "plain\n\ttext", "\x1b[1;31mred\x1b[0m": "red", "a\x1b[2Jb": `a\x1b[2Jb`, "zero\u200bwidth": `zero\u200bwidth`,
		"\u202ertl": `\u202ertl`, "\x00": `\x00`, "caf\xe9": `caf\xe9`, "עברית": "עברית", "日本 ✓": "日本 ✓", "soft\u00adhyphen": `soft\u00adhyphen`,
		"\uffff": `\uffff`, "\U0001fffe": `\u1fffe`,
	} {
		if got := visible(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	for range 20_000 {
		raw := make([]byte, random.IntN(40))
		for i := range raw {
			raw[i] = byte(random.Uint32())
		}
		if out := visible(string(raw)); strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && r != '\t' && (termsafe.Unsafe(r) || invisible(r)) }) {
			t.Fatalf("%s: %q", base64.StdEncoding.EncodeToString(raw), out)
		}
	}
}

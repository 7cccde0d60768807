package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/testenv"
	"gofab/runtime/event"
)

// started is a journal with a few lines in it.
func started(t *testing.T, folder string, plan []Call, past *Decided) *Keeper {
	t.Helper()
	k, err := Start(folder, Head{Dir: "/work", File: "deploy.lua"}, plan, past, Deps{
		Secrets: &secret.Redactor{}, Now: time.Now, Tell: func(e event.Event) { t.Logf("told %+v", e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.journal.Close() })
	return k
}

var onePlan = []Call{{Task: "deploy", Args: map[string]any{"version": "1"}, Hosts: []string{"web1", "web2", "web3"}}}

// fill writes what a run with a good, a failed and an open host does.
func fill(k *Keeper) {
	for i, host := range onePlan[0].Hosts {
		at := place{0, host}
		k.journal.note(startLine{typeStart, time.Now(), at})
		one := stepLine{Type: typeBegun, Time: time.Now(), place: at, stepName: stepName{Path: "one"}}
		k.journal.note(one)
		one.Type, one.State, one.Value = typeDone, event.OK, []byte(`{"n":1}`)
		k.journal.note(one)
		one.Type, one.Path = typeBegun, "two"
		if i > 0 {
			k.journal.note(one)
		}
		if i < 2 {
			k.journal.note(k.end(at, time.Now(), []error{nil, errors.New("it failed")}[i]))
		}
	}
}

// However a journal is cut, it can be read, and tells nothing that was not so.
func TestTornAnywhere(t *testing.T) {
	k := started(t, t.TempDir(), onePlan, nil)
	fill(k)
	text, err := os.ReadFile(k.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(text, 10) + 1 // it appears with that line
	for cut := head; cut <= len(text); cut++ {
		for _, tail := range []string{"", "\x00\x00\x00", "{\"type\":\"end\"", "\x00\n"} {
			r, err := parse(append(bytes.Clone(text[:cut]), tail...))
			if err != nil {
				t.Fatalf("cut at %d, then %q: %v", cut, tail, err)
			}
			whole := bytes.Count(text[:cut], []byte("\"state\":\"ok\",\"duration\"")) > 0
			v := r.visits[place{0, "web1"}]
			if v != nil && v.State == event.OK && !whole {
				t.Fatalf("cut at %d: ended before its end", cut)
			}
			for _, host := range onePlan[0].Hosts {
				if v := r.visits[place{0, host}]; v != nil && v.State == event.Failed && host != "web2" {
					t.Fatalf("cut at %d: %s failed", cut, host)
				}
			}
		}
	}
}

// A line that is no line in the middle of a journal is not passed over.
func TestDamage(t *testing.T) {
	k := started(t, t.TempDir(), onePlan, nil)
	fill(k)
	text, _ := os.ReadFile(k.journal.path)
	lines := strings.SplitAfter(string(text), "\n")
	for i := range len(lines) - 2 {
		damaged := strings.Join(lines[:i], "") + "{}}\n" + strings.Join(lines[i+1:], "")
		if _, err := parse([]byte(damaged)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d ", i+1)) {
			t.Errorf("line %d damaged: %v", i+1, err)
		}
	}
	for _, text := range []string{"", "\n", "{}\n", `{"type":"start"}` + "\n", `{"type":"run","version":99,"id":"x"}` + "\n"} {
		if r, err := parse([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, r)
		}
	}
}

// What is open is asked about, and only that.
func TestQuestions(t *testing.T) {
	folder := t.TempDir()
	k := started(t, folder, onePlan, nil)
	fill(k)
	_ = k.journal.Close()
	for answer, wantOpen := range map[Answer]int{Again: 0, Done: 0, Skip: 2} {
		r, err := Read(k.Dir())
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		d, err := r.Decide(func(q Question) (Answer, error) {
			asked = append(asked, q.Host+" "+q.Task+" "+q.Step)
			return answer, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(asked, ", "); got != "web2 deploy two, web3 deploy two" {
			t.Errorf("asked about %s", got)
		}
		next := started(t, folder, onePlan, d)
		_ = next.journal.Close()
		again, err := Read(next.Dir())
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		_, _ = again.Decide(func(Question) (Answer, error) { n++; return Again, nil })
		if n != wantOpen {
			t.Errorf("%s: asked %d times in the next run, want %d", answer, n, wantOpen)
		}
		if !next.live(place{0, "web1"}).done || next.live(place{0, "web2"}).done {
			t.Errorf("%s: what is done was not taken over", answer)
		}
		if s := next.live(place{0, "web2"}).steps[stepName{Path: "one"}]; string(s.Value) != `{"n":1}` {
			t.Errorf("%s: the value of a step is lost: %+v", answer, s)
		}
	}
}

// Many hosts at once write whole lines.
func TestManyAtOnce(t *testing.T) {
	testenv.Goroutines(t)
	plan := []Call{{Task: "deploy"}}
	for i := range 200 {
		plan[0].Hosts = append(plan[0].Hosts, fmt.Sprintf("h%d", i))
	}
	k := started(t, t.TempDir(), plan, nil)
	var wg sync.WaitGroup
	for _, host := range plan[0].Hosts {
		wg.Go(func() {
			at := place{0, host}
			k.journal.note(startLine{typeStart, time.Now(), at})
			k.journal.note(k.end(at, time.Now(), nil))
		})
	}
	wg.Wait()
	if r, err := Read(k.Dir()); err != nil || !r.Running || r.Well() {
		t.Errorf("%v, %+v", err, r)
	}
	k.Finish(nil, 0, time.Second)
	if r, err := Read(k.Dir()); err != nil || r.Running || !r.Well() || len(r.visits) != 200 {
		t.Errorf("%v, %+v", err, r)
	}
}

// A journal that cannot be kept up is told of once, and is none any more.
func TestFullDisk(t *testing.T) {
	var told []event.Event
	k := started(t, t.TempDir(), onePlan, nil)
	k.deps.Tell = func(e event.Event) { told = append(told, e) }
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	_ = k.journal.file.Close()
	k.journal.file = full
	fill(k)
	if len(told) != 1 || !strings.Contains(told[0].(event.Warning).Text, syscall.ENOSPC.Error()) {
		t.Errorf("told %+v", told)
	}
	if _, err := Read(k.Dir()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a journal with holes can be read: %v", err)
	}
}

// The folder keeps the last runs, and whatever else is in it.
func TestPrune(t *testing.T) {
	folder := t.TempDir()
	old := filepath.Join(folder, "not-a-run")
	if err := os.Mkdir(old, 0o700); err != nil {
		t.Fatal(err)
	}
	for range keep + 7 {
		started(t, folder, onePlan, nil).Finish(nil, 0, 0)
	}
	running := runsIn(folder)
	if len(running) != keep {
		t.Errorf("%d runs are kept", len(running))
	}
	if _, err := os.Stat(old); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(folder, running[0], Name))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

func TestFind(t *testing.T) {
	folder := t.TempDir()
	first, second := started(t, folder, onePlan, nil), started(t, folder, onePlan, nil)
	id := filepath.Base(first.Dir())
	for _, word := range []string{id, id[len(id)-6:], first.Dir()} {
		if r, err := Find(folder, word); err != nil || r.ID != id {
			t.Errorf("%s: %v", word, err)
		}
	}
	if _, err := Find(folder, id[:8]); fault.KindOf(err) != fault.Usage {
		t.Errorf("two runs begin like this: %v", err)
	}
	if _, err := Find(folder, "x"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	second.Finish(nil, 0, 0)
	first.Finish(nil, 1, 0)
	r, err := Last(Runs(folder, func(err error) { t.Error(err) }), "/work", "")
	if err != nil || r.ID != id {
		t.Errorf("the last run is %+v, %v", r, err)
	}
	if _, err := Last(Runs(folder, nil), "/elsewhere", ""); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := Last(Runs(folder, nil), "/work", "other.lua"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestFolder(t *testing.T) {
	env := map[string]string{}
	get := func(name string) string { return env[name] }
	if got := Folder(get, "/home/ann"); got != "/home/ann/.local/state/gofab/runs" {
		t.Error(got)
	}
	env["XDG_STATE_HOME"] = "relative"
	if got := Folder(get, "/home/ann"); got != "/home/ann/.local/state/gofab/runs" {
		t.Error(got)
	}
	env["XDG_STATE_HOME"] = "/state"
	if got := Folder(get, "/home/ann"); got != "/state/gofab/runs" {
		t.Error(got)
	}
}

// No secret is written, whether it was declared or only looks like one, and a
// resume asks for each.
func TestSecretsStayOut(t *testing.T) {
	var secrets secret.Redactor
	secrets.Add(secret.New("declared-secret"))
	plan := []Call{{Task: "deploy", Args: map[string]any{
		"password": "hunter2!", "note": "with declared-secret inside", "passenger": "ann", "db_token": "", "list": []any{"declared-secret"},
	}}}
	words := []string{"deploy", "--password", "hunter2!", "--note=with declared-secret inside", "--passenger", "ann", "-xhunter2!"}
	k, err := Start(t.TempDir(), Head{File: "deploy.lua", Words: words}, plan, nil, Deps{Secrets: &secrets, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	k.journal.note(k.end(place{0, "web1"}, time.Now(), errors.New("declared-secret was refused")))
	k.Finish(nil, 1, 0)
	text, _ := os.ReadFile(k.journal.path)
	for _, word := range []string{"hunter2!", "declared-secret"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("%s is in the journal:\n%s", word, text)
		}
	}
	r, err := Read(k.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if line := r.Line(); !strings.Contains(line, "--passenger ann") || strings.Contains(line, "\x00") {
		t.Error(line)
	}
	given := map[string]string{"--password": "hunter2!", "--note": "with declared-secret inside", "-x": "hunter2!"}
	got, err := r.Arguments(func(of string) (string, error) { return given[of], nil })
	if err != nil || strings.Join(got, "|") != strings.Join(words, "|") {
		t.Errorf("%q, %v", got, err)
	}
	if _, ok := r.HostsOf("deploy", plan[0].Args, &secrets); !ok {
		t.Error("the task is not known by its arguments")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"type":"run","version":1,"id":"x"}` + "\n" + `{"type":"call","call":0,"task":"t","hosts":["a"]}` + "\n" +
		`{"type":"start","call":0,"host":"a"}` + "\n" + `{"type":"step_end","call":0,"host":"a","step":"s","state":"ok","value":[1]}` + "\n" +
		`{"type":"end","call":0,"host":"a","state":"ok"}` + "\n" + `{"type":"exit","code":0}`))
	f.Add([]byte(`{"type":"run","version":1,"id":"x"}` + "\n" + `{"type":"start","call":-1,"host":"a"}` + "\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			return
		}
		r.Counts()
		r.notOK()
		r.Line()
		if _, err := r.Decide(func(Question) (Answer, error) { return Again, nil }); err != nil {
			t.Fatal(err)
		}
		for _, v := range r.visits {
			if open(v.State) {
				t.Fatalf("still open: %+v", v)
			}
		}
	})
}

// BenchmarkNote is a line that is on disk when it returns: alone, and with 32
// hosts at once, who share the waits for the disk.
func BenchmarkNote(b *testing.B) {
	for _, hosts := range []int{1, 32} {
		b.Run(fmt.Sprint(hosts), func(b *testing.B) {
			k, err := Start(b.TempDir(), Head{}, onePlan, nil, Deps{Secrets: &secret.Redactor{}, Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(hosts)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					k.journal.note(startLine{typeStart, time.Now(), place{0, "web1"}})
				}
			})
			k.Finish(nil, 0, 0)
		})
	}
}

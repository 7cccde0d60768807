package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/testenv"
	"gofab/runtime/event"
)

// TestReportEqualsWhatHappened over many runs with drawn fates.
func TestReportEqualsWhatHappened(t *testing.T) {
	seed := testenv.Seed(t)
	for i := range uint64(100) {
		f := newFleet(seed+i, 40)
		f.run(9, "prepare", "deploy")
		r := f.report(t)
		states := map[event.State]int{}
		for i, host := range f.hosts {
			h := r.Hosts[i]
			states[f.fates[host]]++
			if h.Name != host || h.State != f.fates[host] || h.Error != f.errors[host] {
				t.Fatalf("seed %d: %s is told as %s, %s", seed, host, h.Name, h.State)
			}
			if last := h.Tasks[len(h.Tasks)-1]; last.State != h.State {
				t.Errorf("%s: its last task is told as %s, it is %s", host, last.State, h.State)
			}
		}
		if diff := cmp.Diff(states, r.Summary.States); diff != "" || r.Summary.Hosts != len(f.hosts) || !r.Complete {
			t.Errorf("%s %+v", diff, r.Summary)
		}
		for _, c := range r.Commands {
			if c.Task != "prepare" && c.Task != "deploy" || c.Stdout == "" || c.Code == nil {
				t.Fatalf("%+v", c)
			}
		}
	}
}

// TestAnyOrder: events in any order, with any of them missing, still make
// documents in which every host is once.
func TestAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	for i := range uint64(40) {
		f := newFleet(i, 15)
		f.run(5, "one", "two")
		random.Shuffle(len(f.events), func(a, b int) { f.events[a], f.events[b] = f.events[b], f.events[a] })
		kept := f.events[:random.IntN(len(f.events))]
		r := collect(t, kept)
		count := map[string]int{}
		for _, h := range r.Hosts {
			count[h.Name]++
			if !slices.Contains(event.States, h.State) || len(h.Tasks) == 0 {
				t.Fatalf("%s: state %q, %d tasks", h.Name, h.State, len(h.Tasks))
			}
		}
		for host, n := range count {
			if n != 1 {
				t.Errorf("%s is there %d times", host, n)
			}
		}
		render(t, r)
		jsonOf(t, r)
		junitOf(t, r)
		r.Table()
		r.Timing(5)
	}
}

func jsonOf(t testing.TB, r *Report) Report {
	t.Helper()
	var out bytes.Buffer
	if err := JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	var back Report
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	if err := d.Decode(&back); err != nil {
		t.Fatal(err)
	}
	return back
}

// TestJSONHoldsTheReport: what is read back is what was written.
func TestJSONHoldsTheReport(t *testing.T) {
	f := newFleet(5, 40)
	f.run(8, "prepare", "deploy")
	want := *f.report(t)
	want.Messages = append(want.Messages, Message{Level: "warn", Text: "x\x1b[31m \u202e", Fields: map[string]any{"a": "b"}})
	for _, h := range want.Hosts { // to the microsecond, as JSON has it
		h.Start, h.Duration, h.Connect = round(h.Start), round(h.Duration), round(h.Connect)
		for _, v := range h.Tasks {
			v.Start, v.Duration = round(v.Start), round(v.Duration)
		}
	}
	for _, c := range want.Commands {
		c.Start, c.Duration = round(c.Start), round(c.Duration)
	}
	want.Tasks = tasksOf(want.Hosts)
	want.Duration = round(want.Duration)
	if diff := cmp.Diff(want, jsonOf(t, &want)); diff != "" {
		t.Error(diff)
	}
}

func round(s event.Seconds) event.Seconds {
	return event.Seconds(time.Duration(s).Round(time.Microsecond))
}

// TestScripts: without tasks nobody tells how hosts ended; the report finds out.
func TestScripts(t *testing.T) {
	zero, two := 0, 2
	ran := func(host string, ok bool, code *int) []event.Event {
		return []event.Event{
			event.CommandStart{ID: uint64(len(host)), Host: host, Command: "x"},
			event.CommandEnd{ID: uint64(len(host)), Host: host, Command: "x", OK: ok, Code: code},
		}
	}
	problem := func(kind fault.Kind, host string) []event.Event {
		return []event.Event{event.Problem{Error: &event.Failure{Kind: kind, Message: "it broke", Host: host}}}
	}
	group := event.GroupStart{Hosts: []string{"a", "bb"}, Command: "x"}
	for name, c := range map[string]struct {
		events []event.Event
		want   string
	}{
		"well":                     {ran("a", true, &zero), "a=ok"},
		"an accepted code":         {ran("a", false, &two), "a=ok"},
		"this machine":             {ran("", true, &zero), "local=ok"},
		"an error of a host":       {append(ran("a", false, &two), problem(fault.Exit, "a")...), "a=failed"},
		"unreachable":              {problemOf(group, problem(fault.Unreachable, "bb")), "a=unknown bb=unreachable"},
		"an error of a group":      {append(append(ran("a", true, &zero), ran("bb", false, &two)...), problem(fault.Exit, "")...), "a=ok bb=failed"},
		"interrupted":              {append(append(ran("a", true, &zero), event.CommandStart{ID: 9, Host: "bb"}), problem(fault.Cancelled, "")...), "a=ok bb=cancelled"},
		"the limit of the run":     {append([]event.Event{event.CommandStart{ID: 9, Host: "bb"}}, problem(fault.Timeout, "")...), "bb=timeout"},
		"nothing after the middle": {[]event.Event{event.CommandStart{ID: 9, Host: "bb"}}, "bb=unknown"},
		"named only":               {[]event.Event{group}, "a=skipped bb=skipped"},
		"a folded answer": {[]event.Event{group, event.GroupResult{Command: "x", Groups: []event.Folded{
			{Hosts: []string{"a"}, State: event.OK}, {Hosts: []string{"bb"}, State: event.Unreachable},
		}}}, "a=ok bb=unreachable"},
	} {
		var moments []moment
		for i, e := range c.events {
			moments = append(moments, moment{time.Duration(i), e})
		}
		var got []string
		for _, h := range collect(t, moments).Hosts {
			got = append(got, h.Name+"="+string(h.State))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func problemOf(first event.Event, rest []event.Event) []event.Event {
	return append([]event.Event{first}, rest...)
}

// TestPrintsAreJoined: a line that was written in pieces is one message.
func TestPrintsAreJoined(t *testing.T) {
	r := collect(t, []moment{
		{0, event.Print{Text: "one "}}, {1, event.Print{Text: "two\n"}}, {2, event.Print{Text: "three\n"}},
		{3, event.Print{Host: "a", Text: "four"}}, {4, event.Log{Level: event.Debug, Text: "no"}},
	})
	var got []string
	for _, m := range r.Messages {
		got = append(got, m.Host+":"+m.Text)
	}
	if diff := cmp.Diff([]string{":one two", ":three", "a:four"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestOutputIsBounded: of a long output there are the beginning and the end;
// equal ones are kept once.
func TestOutputIsBounded(t *testing.T) {
	f := newFleet(1, 6)
	line := strings.Repeat("0123456789abcde ", 4)
	f.say = func(string, int) (stdout, stderr []string) {
		for i := range 4000 {
			stdout = append(stdout, fmt.Sprintf("%04d %s", i, line))
		}
		return stdout, nil
	}
	f.run(10, "deploy")
	r := f.report(t)
	c := r.Commands[0]
	if len(c.Stdout) > maxStream+100 || c.StdoutBytes != 4000*70 ||
		!strings.HasPrefix(c.Stdout, "0000 ") || !strings.HasSuffix(c.Stdout, "3999 "+line+"\n") || !strings.Contains(c.Stdout, " bytes left out ...]\n") {
		t.Errorf("%d of %d bytes: %.80s", len(c.Stdout), c.StdoutBytes, c.Stdout)
	}
	if r.LeftOut.Output == 0 {
		t.Error("nothing is left out")
	}
}

// TestMemoryIsBounded for 10,000 hosts of which each says something else, and
// much of it.
func TestMemoryIsBounded(t *testing.T) {
	c := NewCollector(Outputs)
	line := strings.Repeat("0123456789abcde ", 64)
	for i := range 10_000 {
		host := fmt.Sprintf("host%05d", i)
		_ = c.Handle(event.Entry{Time: epoch, Event: event.CommandStart{ID: uint64(i), Host: host, Command: "dmesg"}})
		for range 20 {
			_ = c.Handle(event.Entry{Time: epoch, Event: event.Output{ID: uint64(i), Host: host, Line: host + line}})
		}
		_ = c.Handle(event.Entry{Time: epoch, Event: event.CommandEnd{ID: uint64(i), Host: host}})
	}
	var used runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&used)
	if used.HeapAlloc > 130<<20 {
		t.Errorf("%d MiB for 200 MB of output", used.HeapAlloc>>20)
	}
	if len(c.Report().Hosts) != 10_000 {
		t.Error("hosts are missing")
	}
}

// TestClip against a plain cut, for all lengths around the limits.
func TestClip(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 3))
	text := make([]byte, 50_021)
	for i := range text {
		if text[i] = byte('a' + random.IntN(26)); random.IntN(50) == 0 {
			text[i] = '\n'
		}
	}
	for range 300 {
		total := random.IntN(4 * maxStream)
		from := random.IntN(len(text))
		whole := bytes.Repeat(text, 8)[from : from+total]
		var c clip
		for rest := whole; len(rest) > 0; {
			n := min(len(rest), random.IntN(5000)+1)
			c.add(string(rest[:n]))
			rest = rest[n:]
		}
		limit := []int{maxStream, 1000, 10}[random.IntN(3)]
		kept, left := c.text(limit)
		if total <= limit {
			if kept != string(whole) || left != 0 {
				t.Fatalf("%d bytes are changed", total)
			}
			continue
		}
		note := fmt.Sprintf("\n[... %d bytes left out ...]\n", left)
		head, tail, found := strings.Cut(kept, note)
		if !found || !strings.HasPrefix(string(whole), head) || !strings.HasSuffix(string(whole), tail) ||
			int64(len(head)+len(tail))+left != int64(total) || len(head)+len(tail) > limit {
			t.Fatalf("%d bytes, limit %d: %d + %d, left out %d", total, limit, len(head), len(tail), left)
		}
	}
}

func BenchmarkReport1000(b *testing.B) {
	f := newFleet(1, 1000)
	f.run(50, "prepare", "deploy", "check")
	events := f.ordered()
	b.Run("collect", func(b *testing.B) {
		for b.Loop() {
			collect(b, events)
		}
	})
	r := collect(b, events)
	var size bytes.Buffer
	for name, write := range map[string]func() error{
		"json": func() error { return JSON(&size, r) }, "junit": func() error { return JUnit(&size, r) }, "html": func() error { return HTML(&size, r) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				size.Reset()
				if err := write(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size.Len()), "bytes")
		})
	}
}

// TestSecretsNeverShow: whatever event carries a secret, no document has it.
func TestSecretsNeverShow(t *testing.T) {
	hide := &secret.Redactor{}
	hide.Add(secret.New("hunter2/canary"))
	var out bytes.Buffer
	c := NewCollector(Outputs)
	s := event.New(t.Context(), event.Options{Redactor: hide, Sinks: []event.Sink{c, c.Document(func(r *Report) error {
		return errors.Join(JSON(&out, r), JUnit(&out, r), HTML(&out, r))
	})}})
	for _, m := range hostile("a hunter2/canary b") {
		s.Emit(m.event)
	}
	if err := s.Close(t.Context()); err != nil || out.Len() < 5000 {
		t.Fatal(err, out.Len())
	}
	if text := out.String(); strings.Contains(text, "canary") || strings.Contains(text, "hunter2") {
		t.Error(text)
	}
}

package event

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gofab/internal/hostrange"
	"gofab/internal/testenv"
)

// answers are the events of one command on one host.
func answers(id uint64, host, command string, exit int, group bool, lines ...string) []Event {
	all := []Event{CommandStart{ID: id, Host: host, Command: command, Group: group}}
	for _, line := range lines {
		stream := Stdout
		if text, isErr := strings.CutPrefix(line, "!"); isErr {
			stream, line = Stderr, text
		}
		all = append(all, Output{ID: id, Host: host, Stream: stream, Line: line})
	}
	return append(all, CommandEnd{ID: id, Host: host, Command: command, Code: &exit, OK: exit == 0, Group: group})
}

func visit1(task, host string, events ...Event) []Event {
	return append(append([]Event{TaskStart{Task: task, Host: host}}, events...), TaskEnd{Task: task, Host: host, State: OK})
}

func joined(lists ...[]Event) []Event { return slices.Concat(lists...) }

// tasksOverHosts is a run in which most hosts say the same.
func tasksOverHosts() []Event {
	return joined(
		[]Event{RunStart{Tasks: []string{"one", "two"}, Hosts: []string{"web1", "web2", "web3"}}},
		visit1("one", "web1", joined(answers(1, "web1", "uname -r", 0, false, "6.1.0"), answers(2, "web1", "ls /srv/web1", 0, false, "a", "b", "c"))...),
		visit1("one", "web2", joined(answers(3, "web2", "uname -r", 0, false, "6.1.0"), answers(4, "web2", "ls /srv/web2", 0, false, "a", "c"))...),
		visit1("one", "web3", joined(answers(5, "web3", "uname -r", 1, false, "!no"), answers(6, "web3", "ls /srv/web3", 0, false, "a", "b", "c"))...),
		[]Event{Log{Level: Info, Text: "between"}},
		visit1("two", "web1", joined(answers(7, "web1", "uname -r", 0, false), answers(8, "web1", "uname -r", 0, false, "again"))...),
		visit1("two", "web2", answers(9, "web2", "uname -r", 0, false)...),
		[]Event{RunEnd{Summarize([]HostResult{{"web1", OK, nil}, {"web2", OK, nil}, {"web3", OK, nil}}, time.Second)}},
	)
}

func TestFoldTasks(t *testing.T) {
	same(t, render(t, TextOptions{Fold: true}, tasksOverHosts()), `
* between
web[1-3] $ uname -r
web[1-2] (2 hosts):
  6.1.0
web3 failed exit 1:
  no
web[1-3] $ ls /srv/{host}
web[1,3] (2 hosts):
  a
  b
  c
web2:
  a
  c
web[1-2] $ uname -r
web[1-2] (2 hosts): (no output)
web1 $ uname -r
web1:
  again
3 hosts: 3 ok (1.00 s)
`)
}

func TestDiffHosts(t *testing.T) {
	got := render(t, TextOptions{Diff: true}, tasksOverHosts())
	for _, want := range []string{"web2:\n  @@ -1,3 +1,2 @@\n   a\n  -b\n   c\n", "web3 failed exit 1:\n  @@ -1 +1 @@\n  -6.1.0\n  +no\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	coloured := render(t, TextOptions{Diff: true, Colour: true}, tasksOverHosts())
	if !strings.Contains(coloured, "\n  \x1b[31m-b\x1b[0m\n") {
		t.Errorf("%q", coloured)
	}
}

// TestFoldGroups: a group's command is shown when its last host has ended, what
// is not on several hosts as it comes.
func TestFoldGroups(t *testing.T) {
	events := joined(
		answers(1, "web1", "hostname", 0, false, "live"),
		[]Event{GroupStart{Hosts: []string{"web1", "web2"}, Command: "id"}},
		answers(2, "web1", "id", 0, true, "root"), answers(3, "web2", "id", 0, true, "root"),
		[]Event{Print{Text: "from the script\n"}, GroupStart{Hosts: []string{"web1", "dead"}, Command: "date"}},
		answers(4, "web1", "date", 0, true, "today"),
		[]Event{Print{Text: "next\n"}, GroupStart{Hosts: []string{"web1"}, Command: "w"}},
		[]Event{CommandStart{ID: 5, Host: "web1", Group: true, Hidden: true}, CommandEnd{ID: 5, Host: "web1", Group: true, Hidden: true}},
		[]Event{GroupResult{Command: "w", Groups: Fold([]HostOutput{{"web1", OK, code(0), "nobody"}})}},
	)
	same(t, render(t, TextOptions{Fold: true}, events), `
web1 $ hostname
web1 | live
web[1-2] $ id
web[1-2] (2 hosts):
  root
from the script
dead,web1 $ date
web1:
  today
next
web1 $ w
web1:
  nobody
`)
}

// TestFoldDry: what would run on many hosts is told once.
func TestFoldDry(t *testing.T) {
	dry := func(host string) []Event {
		return visit1("t", host, CommandStart{ID: 1, Host: host, Command: "rm /srv/" + host, Dry: true})
	}
	same(t, render(t, TextOptions{Fold: true}, joined(dry("web1"), dry("web2"), []Event{RunEnd{}})), "web[1-2] $ rm /srv/{host}  (not run)\n")
}

func TestNoPrefix(t *testing.T) {
	same(t, render(t, TextOptions{NoPrefix: true}, answers(1, "web1", "x", 0, false, "out", "!err")), "web1 $ x\nout\nerr\n")
}

// TestFoldLosesNothing: whatever the order in which hosts go on, each answer is
// in a group that names the host, once.
func TestFoldLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	for range 200 {
		said := map[string]int{} // "host: answer"
		streams := map[string][]Event{}
		var hosts []string
		id := uint64(0)
		for i := range random.IntN(12) + 2 {
			host := fmt.Sprintf("h%d", i)
			hosts = append(hosts, host)
			for task := range random.IntN(3) + 1 {
				var body []Event
				for range random.IntN(4) {
					id++
					word := fmt.Sprintf("word%d", random.IntN(3))
					said[host+" "+word]++
					body = append(body, answers(id, host, fmt.Sprint("cmd", random.IntN(2)), 0, false, word)...)
				}
				streams[host] = append(streams[host], visit1(fmt.Sprint("task", task), host, body...)...)
			}
		}
		events := []Event{RunStart{Hosts: hosts, Tasks: []string{"task0", "task1", "task2"}}}
		for len(streams) > 0 {
			host := hosts[random.IntN(len(hosts))]
			if list := streams[host]; len(list) > 0 {
				events, streams[host] = append(events, list[0]), list[1:]
			} else {
				delete(streams, host)
			}
		}
		events = append(events, RunEnd{})
		for answer, n := range folded(t, render(t, TextOptions{Fold: true}, events)) {
			if said[answer] -= n; said[answer] == 0 {
				delete(said, answer)
			}
		}
		if len(said) > 0 {
			t.Fatalf("lost or too often: %v", said)
		}
	}
}

// folded reads the groups of a folded output.
func folded(t *testing.T, text string) map[string]int {
	t.Helper()
	count := map[string]int{}
	var hosts []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if word, isAnswer := strings.CutPrefix(line, "  "); isAnswer {
			for _, host := range hosts {
				count[host+" "+word]++
			}
			continue
		}
		title, _, _ := strings.Cut(line, " ")
		var err error
		if hosts, err = hostrange.Expand(strings.TrimSuffix(title, ":")); err != nil {
			t.Fatal(err)
		}
	}
	return count
}

// TestTextInAnyOrder: events in any order, with any options, never break the
// renderer, and nothing for a terminal to act upon gets out.
func TestTextInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	events := joined(story(), tasksOverHosts(), filled("x\x1b[2Jy"))
	for range 200 {
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		flip := func() bool { return random.IntN(2) == 0 }
		got := render(t, TextOptions{
			Verbosity: Verbosity(random.IntN(4) - 1), Fold: flip(), Diff: flip(), NoPrefix: flip(),
			Summary: SummaryStyles[random.IntN(len(SummaryStyles))],
			Table:   func() []Row { return []Row{{State: Failed, Hosts: "x\x1b", Reason: "y\x9b"}} },
		}, events)
		if strings.ContainsRune(got, '\x1b') {
			t.Fatalf("%q", got)
		}
	}
}

func TestSummaryStyles(t *testing.T) {
	rows := func() []Row {
		return []Row{
			{State: Failed, Hosts: "db-01", Tasks: "1 ok, 1 failed", Time: "3.00 s", Reason: "exit 2"},
			{State: OK, Hosts: "web[1-40]", Tasks: "2 ok", Time: "3.12 s to 4.00 s"},
		}
	}
	timing := func() []string { return []string{"tasks  3.0 s"} }
	const table = "failed       1 ok, 1 failed  3.00 s            db-01\n             exit 2\nok           2 ok            3.12 s to 4.00 s  web[1-40]\n"
	const numbers = "2 hosts: 1 ok, 1 failed (1.00 s)\n"
	failure := fmt.Errorf("exit 2")
	end := RunEnd{Summarize([]HostResult{{"web1", OK, nil}, {"db-01", Failed, failure}}, time.Second)}
	for name, c := range map[string]struct {
		o      TextOptions
		events []Event
		want   string
	}{
		"one task":          {TextOptions{}, []Event{RunStart{Tasks: []string{"a"}}, end}, "failed       db-01: exit 2\n" + numbers},
		"quiet":             {TextOptions{Table: rows, Timing: timing, Verbosity: Quiet}, []Event{RunStart{Tasks: []string{"a", "b"}}, end}, "tasks  3.0 s\nfailed       db-01: exit 2\n" + numbers},
		"table":             {TextOptions{Table: rows, Timing: timing, Summary: SummaryTable}, []Event{end}, "tasks  3.0 s\n" + table + numbers},
		"verbose":           {TextOptions{Table: rows, Timing: timing, Verbosity: Verbose}, []Event{end}, "tasks  3.0 s\n" + table + numbers},
		"line":              {TextOptions{Table: rows, Timing: timing, Summary: SummaryLine, Verbosity: Verbose}, []Event{end}, "tasks  3.0 s\nfailed       db-01: exit 2\n" + numbers},
		"none":              {TextOptions{Summary: SummaryNone}, []Event{end}, ""},
		"a reason is known": {TextOptions{}, []Event{HostState{Host: "db-01", State: Failed, Error: &Failure{Message: "exit 2"}}, end}, "error: db-01: exit 2\nfailed       db-01\n" + numbers},
	} {
		if got := render(t, c.o, c.events); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestFoldIsBounded: a host that writes without end does not fill the memory.
func TestFoldIsBounded(t *testing.T) {
	var out bytes.Buffer
	r := NewText(TextOptions{Out: &out, Err: &out, Fold: true})
	line := strings.Repeat("y", 10_000)
	events := []Event{TaskStart{Task: "t", Host: "a"}, CommandStart{ID: 1, Host: "a", Command: "yes"}}
	for range 1000 {
		events = append(events, Output{ID: 1, Host: "a", Stream: Stdout, Line: line})
	}
	events = append(events, CommandEnd{ID: 1, Host: "a", OK: true}, RunEnd{})
	for _, e := range events {
		if err := r.Handle(Entry{Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Flush(); err != nil || out.Len() > 2*maxHeldAnswer || !strings.Contains(out.String(), "bytes left out ...]") {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

func TestDifferences(t *testing.T) {
	lines, ok := Differences([]string{"a", "b", "c"}, []string{"a", "c", "d"}, 1)
	if want := []string{"@@ -1,3 +1,3 @@", " a", "-b", " c", "+d"}; !ok || !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
	if _, ok := Differences(make([]string, maxDiffLines+1), nil, 1); ok {
		t.Error("too much is compared")
	}
	if lines, ok := Differences([]string{"a"}, []string{"a"}, 3); !ok || len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}

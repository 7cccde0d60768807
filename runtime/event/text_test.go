package event

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"

	"github.com/google/go-cmp/cmp"
)

func code(n int) *int { return &n }

// story is a small run with a bit of everything.
func story() []Event {
	broken := fault.New(fault.Exit, "exit 2: systemctl reload nginx")
	broken.Op, broken.Where, broken.Host = "h:run", "deploy.lua:7", "db-01"
	broken.Trace = []string{"deploy.lua:7", "deploy.lua:20"}
	_ = broken.WithHint("see journalctl -u nginx")
	dead := Fail(fault.New(fault.Unreachable, "connection refused").WithHint("is sshd running?"))
	return []Event{
		RunStart{File: "deploy.lua", Tasks: []string{"deploy"}, Hosts: []string{"web1", "db-01", "web7", "web8"}},
		TaskStart{Task: "deploy", Host: "web1"},
		Connected{Host: "web1", Transport: "ssh", Address: "10.0.0.1:22", User: "root", Detail: "ed25519", Duration: Seconds(120 * time.Millisecond)},
		HostState{Host: "web7", State: Unreachable, Error: dead},
		HostState{Host: "web8", State: Unreachable, Error: dead},
		CommandStart{Host: "web1", Command: "uptime -p"},
		Output{Host: "web1", Stream: Stdout, Line: "up 3 weeks"},
		CommandEnd{Host: "web1", Command: "uptime -p", Code: code(0), OK: true, Duration: Seconds(310 * time.Millisecond), Attempts: 1},
		CommandStart{Host: "db-01", Command: "systemctl reload nginx", Cwd: "/srv", User: "root"},
		Output{Host: "db-01", Stream: Stderr, Line: "nginx: \x1b[31mbad\x1b[0m config"},
		CommandEnd{Host: "db-01", Command: "systemctl reload nginx", Code: code(2), Duration: Seconds(2 * time.Second), Attempts: 3},
		CommandStart{Host: "web1", Command: "cat /etc/shadow", Hidden: true},
		Output{Host: "web1", Stream: Stdout, Line: "root:x", Hidden: true},
		Transfer{Host: "web1", Direction: Put, Path: "/etc/app.conf", Done: 4096, Total: 12345},
		Transfer{Host: "web1", Direction: Put, Path: "/etc/app.conf", Done: 12345, Total: 12345, Finished: true, Duration: Seconds(100 * time.Millisecond)},
		Log{Level: Debug, Host: "web1", Text: "cache hit"},
		Log{Level: Info, Host: "web1", Text: "restarted", Fields: map[string]any{"unit": "nginx", "after": 2.5}},
		Warning{Host: "web1", Text: "clock is 40 s behind", Hint: "run chronyc"},
		Print{Text: "report:\nall fine"},
		Print{Host: "web1", Text: "hello"},
		TaskEnd{Task: "deploy", Host: "db-01", State: Failed, Duration: Seconds(3 * time.Second), Error: Fail(broken)},
		HostState{Host: "db-01", State: Failed, Error: Fail(broken)},
		HostState{Host: "web1", State: OK},
		RunEnd{Summarize([]HostResult{
			{"web1", OK, nil}, {"db-01", Failed, broken},
			{"web7", Unreachable, errors.New("connection refused")}, {"web8", Unreachable, errors.New("connection refused")},
		}, 12345*time.Millisecond)},
	}
}

// render gives what a renderer writes, both writers being one.
func render(t *testing.T, o TextOptions, events []Event) string {
	t.Helper()
	var out bytes.Buffer
	o.Out, o.Err = &out, &out
	play(t, NewText(o), events)
	return out.String()
}

func play(t *testing.T, sink Sink, events []Event) {
	t.Helper()
	clock := func() time.Time { return time.Date(2025, 11, 23, 0, 28, 1, 500, time.UTC) }
	s := New(t.Context(), Options{Sinks: []Sink{sink}, Clock: clock})
	for _, e := range events {
		s.Emit(e)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(strings.TrimLeft(want, "\n"), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNormal(t *testing.T) {
	same(t, render(t, TextOptions{}, story()), `
error: web7: connection refused
  hint: is sshd running?
error: web8: connection refused
web1  $ uptime -p
web1  | up 3 weeks
db-01 # systemctl reload nginx
db-01 ! nginx: \x1b[31mbad\x1b[0m config
web1  > /etc/app.conf (12.3 kB, 0.10 s)
web1  * restarted after=2.5 unit=nginx
warning: web1: clock is 40 s behind
  hint: run chronyc
report:
all fine
web1  | hello
error: deploy.lua:7: db-01: h:run: exit 2: systemctl reload nginx
  hint: see journalctl -u nginx
failed       db-01
unreachable  web[7-8]
4 hosts: 1 ok, 1 failed, 2 unreachable (12.3 s, 12.3 kB copied)
`)
}

func TestQuiet(t *testing.T) {
	same(t, render(t, TextOptions{Verbosity: Quiet}, story()), `
error: web7: connection refused
  hint: is sshd running?
error: web8: connection refused
report:
all fine
web1  | hello
error: deploy.lua:7: db-01: h:run: exit 2: systemctl reload nginx
  hint: see journalctl -u nginx
failed       db-01
unreachable  web[7-8]
4 hosts: 1 ok, 1 failed, 2 unreachable (12.3 s, 12.3 kB copied)
`)
}

func TestVerbose(t *testing.T) {
	same(t, render(t, TextOptions{Verbosity: Verbose}, story()), `
web1  * task deploy
web1  * connected by ssh to 10.0.0.1:22 as root, ed25519 in 0.12 s
error: web7: connection refused
  hint: is sshd running?
error: web8: connection refused
web1  $ uptime -p
web1  | up 3 weeks
web1  = exit 0 in 0.31 s
db-01 # systemctl reload nginx  (in /srv)  (as root)
db-01 ! nginx: \x1b[31mbad\x1b[0m config
db-01 = exit 2 in 2.00 s, 3 attempts
web1  $ cat /etc/shadow
web1  > /etc/app.conf (12.3 kB, 0.10 s)
web1  * restarted after=2.5 unit=nginx
warning: web1: clock is 40 s behind
  hint: run chronyc
report:
all fine
web1  | hello
error: deploy.lua:7: db-01: h:run: exit 2: systemctl reload nginx
  at deploy.lua:7
  at deploy.lua:20
  hint: see journalctl -u nginx
db-01 * task deploy: failed in 3.00 s
failed       db-01
unreachable  web[7-8]
4 hosts: 1 ok, 1 failed, 2 unreachable (12.3 s, 12.3 kB copied)
`)
}

func TestEverythingAddsHiddenOutput(t *testing.T) {
	got := render(t, TextOptions{Verbosity: Everything}, story())
	for _, want := range []string{"web1  | root:x\n", "web1  * cache hit\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestColour(t *testing.T) {
	got := render(t, TextOptions{Colour: true}, []Event{
		CommandStart{Host: "a", Command: "ls"},
		Output{Host: "a", Stream: Stdout, Line: "\x1b[32mgreen \x1b[2J"},
		Output{Host: "b", Stream: Stderr, Line: "oops"},
		Problem{Fail(fault.New(fault.Usage, "no such task").WithHint("gofab -l"))},
	})
	same(t, strings.ReplaceAll(got, "\x1b", "^"), `
^[32ma^[0m $ ls
^[32ma^[0m | ^[32mgreen \x1b[2J^[0m
^[94mb^[0m ^[31m!^[0m oops
^[31merror:^[0m no such task
^[36m  hint:^[0m gofab -l
`)
}

func TestGroups(t *testing.T) {
	groups := Fold([]HostOutput{
		{"web1", OK, code(0), "up\n"}, {"db", Failed, code(3), "a\nb"}, {"web2", OK, code(0), "up"}, {"web3", Unreachable, nil, ""},
	})
	same(t, render(t, TextOptions{}, []Event{
		RunStart{Tasks: []string{"one", "two"}},
		TaskStart{Task: "one"},
		GroupStart{Hosts: []string{"web1", "web2", "web3", "db"}, Command: "uptime\n-p"},
		CommandStart{Host: "web1", Command: "uptime", Group: true},
		GroupResult{Groups: groups},
		GroupResult{Groups: groups, Hidden: true},
		RunEnd{Summarize(nil, time.Second)},
	}), `
* task one
db,web[1-3] $ uptime\n-p
web[1-2] (2 hosts):
  up
db failed exit 3:
  a
  b
web3 unreachable: (no output)
`)
}

// TestTwoWriters: output of commands and prints can be piped without the rest,
// and on one terminal the order stays.
func TestTwoWriters(t *testing.T) {
	var out, err, both bytes.Buffer
	play(t, NewText(TextOptions{Out: tee{&out, &both}, Err: tee{&err, &both}}), story())
	same(t, out.String(), "web1  | up 3 weeks\nreport:\nall fine\nweb1  | hello\n")
	same(t, both.String(), render(t, TextOptions{}, story()))
	if strings.Contains(err.String(), "report") || !strings.Contains(err.String(), "4 hosts") {
		t.Error(err.String())
	}
}

type tee [2]*bytes.Buffer

func (w tee) Write(p []byte) (int, error) {
	w[0].Write(p)
	return w[1].Write(p)
}

func TestRawPrint(t *testing.T) {
	events := []Event{Print{Text: "caf\xe9\r\n"}, Print{Host: "a", Text: "caf\xe9"}}
	same(t, render(t, TextOptions{Raw: true}, events), "caf\xe9\r\na | caf\\xe9\n")
	same(t, render(t, TextOptions{}, events), "caf\\xe9\na | caf\\xe9\n")
}

// TestTransferThatFailed: what never began is no copy, what broke off says so.
func TestTransferThatFailed(t *testing.T) {
	same(t, render(t, TextOptions{}, []Event{
		Transfer{Host: "web1", Direction: Put, Path: "nofile", Total: -1, Finished: true},
		Transfer{Host: "web1", Direction: Get, Path: "big", Done: 5e6, Total: -1, Finished: true, Duration: Seconds(time.Second)},
	}), "web1 < big (5 MB, 1.00 s, then it failed)\n")
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.00 s", 314 * time.Millisecond: "0.31 s", 12345 * time.Millisecond: "12.3 s",
		9999 * time.Millisecond: "10.0 s", 59999 * time.Millisecond: "1 min 00 s",
		245 * time.Second: "4 min 05 s", 7440 * time.Second: "2 h 04 min", 3599900 * time.Millisecond: "1 h 00 min",
	} {
		if got := seconds(Seconds(d)); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 12345: "12.3 kB", 999_600: "1 MB", 5e9: "5 GB", 9e18: "9 EB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

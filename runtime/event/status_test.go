package event

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// show is what stands on a terminal after some text: it knows CR, newline and
// "erase to the end of the line", which is all that a renderer may use.
func show(text string) string {
	var done strings.Builder
	line := ""
	for text != "" {
		switch {
		case strings.HasPrefix(text, "\r\x1b[K"):
			line, text = "", text[4:]
		case text[0] == '\n':
			done.WriteString(line + "\n")
			line, text = "", text[1:]
		default:
			line, text = line+text[:1], text[1:]
		}
	}
	return done.String() + line
}

func TestStatusLine(t *testing.T) {
	var screen bytes.Buffer
	r := NewText(TextOptions{Out: &screen, Err: &screen, Status: true, Width: func() int { return 60 }})
	fleet := []string{"web1", "web2", "web3", "web4", "web5", "web6", "web7", "web8", "web9", "web10", "web11"}
	for _, step := range []struct {
		event Event
		want  string // the screen afterwards, without what scrolled away
	}{
		{RunStart{Hosts: fleet, Tasks: []string{"stop", "start"}}, "[0/11 hosts]"},
		{TaskEnd{Host: "web1", Task: "stop", State: OK}, "[0/11 hosts]"},
		{TaskEnd{Host: "web1", Task: "start", State: OK}, "[1/11 hosts]"},
		{Output{Host: "web2", Stream: Stdout, Line: "text"}, "web2  | text\n[1/11 hosts]"},
		{HostState{Host: "web2", State: OK}, "[2/11 hosts]"},
		{TaskEnd{Host: "web3", Task: "stop", State: Failed}, "[3/11 hosts] 2 ok, 1 failed, waiting for web[4-11]"},
		{GroupStart{Hosts: []string{"a", "b", "c"}, Command: "apt\x1b update", Hidden: true}, `[0/3 hosts]  apt\x1b update`},
		{CommandEnd{Host: "a", Group: true, OK: true}, `[1/3 hosts] waiting for b,c  apt\x1b update`},
		{HostState{Host: "b", State: Unreachable}, `[2/3 hosts] 1 ok, 1 failed, waiting for c  apt\x1b update`},
		{GroupResult{Hidden: true}, "[3/11 hosts] 2 ok, 1 failed, waiting for web[4-11]"},
		{Transfer{Host: "web4", Direction: Put, Path: "/srv/a.tar", Done: 5e6, Total: 2e7, Duration: Seconds(2 * time.Second)},
			"[3/11 hosts] 2 ok, 1 failed, waiting for web[4-11]  web4 p…"},
		{Transfer{Host: "web5", Direction: Put, Path: "/srv/a.tar", Done: 5e6, Total: 2e7, Duration: Seconds(time.Second)},
			"[3/11 hosts] 2 ok, 1 failed, waiting for web[4-11]  2 tran…"},
		{Transfer{Host: "web4", Direction: Put, Path: "/srv/a.tar", Done: 2e7, Total: 2e7, Finished: true, Duration: Seconds(3 * time.Second)},
			"web4  > /srv/a.tar (20 MB, 3.00 s)\n[3/11 hosts] 2 ok, 1 failed, waiting for web[4-11]  web5 p…"},
		{RunEnd{Summary{}}, ""},
	} {
		before := screen.Len()
		if err := r.Handle(Entry{Event: step.event}); err != nil {
			t.Fatal(err)
		}
		if err := r.Flush(); err != nil {
			t.Fatal(err)
		}
		all := show(screen.String())
		kept := strings.Count(show(screen.String()[:before]), "\n")
		got := strings.Join(strings.Split(all, "\n")[kept:], "\n")
		if got != step.want {
			t.Errorf("%T: %q, want %q", step.event, got, step.want)
		}
	}
}

func TestStatusOfOneTransfer(t *testing.T) {
	for want, e := range map[string]Transfer{
		"a get /x 45% of 12 MB, 2.7 MB/s": {Host: "a", Direction: Get, Path: "/x", Done: 5.4e6, Total: 1.2e7, Duration: Seconds(2 * time.Second)},
		"a put /x 5 kB":                   {Host: "a", Direction: Put, Path: "/x", Done: 5000, Total: -1},
		"a put /x 0 B":                    {Host: "a", Direction: Put, Path: "/x"},
	} {
		var s status
		s.follow(e, time.Time{})
		if got := s.line(80, time.Time{}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestNoStatusInPipes: without a terminal not one control character is written.
func TestNoStatusInPipes(t *testing.T) {
	if got := render(t, TextOptions{}, story()); strings.ContainsAny(got, "\r\x1b") {
		t.Errorf("%q", got)
	}
}

// TestProgress over many hosts: how many are done, have failed and are at work,
// when it may be over, and who has been at work longest.
func TestProgress(t *testing.T) {
	var fleet []string
	for i := range 200 {
		fleet = append(fleet, fmt.Sprintf("web%d", i+1))
	}
	begin := time.Unix(1000, 0)
	var s status
	at := func(seconds int, events ...Event) {
		for _, e := range events {
			s.follow(e, begin.Add(time.Duration(seconds)*time.Second))
		}
	}
	want := func(seconds int, line string) {
		t.Helper()
		if got := s.line(120, begin.Add(time.Duration(seconds)*time.Second)); got != line {
			t.Errorf("after %d s: %q, want %q", seconds, got, line)
		}
	}
	at(0, RunStart{Hosts: fleet, Tasks: []string{"deploy"}, Visits: 200})
	for _, host := range fleet[:50] {
		at(0, TaskStart{Task: "deploy", Host: host})
	}
	want(1, "[0/200 hosts] 50 running")
	want(5, "[0/200 hosts] 50 running, web1 for 5 s, web10 for 5 s")
	for i, host := range fleet[2:40] {
		state := OK
		if i%10 == 0 {
			state = Failed
		}
		at(20, TaskEnd{Task: "deploy", Host: host, State: state})
	}
	want(20, "[38/200 hosts] 34 ok, 4 failed, 12 running, about 1 min 20 s left, web1 for 20 s, web2 for 20 s")
	for _, host := range fleet[40:198] {
		at(4000, TaskEnd{Task: "deploy", Host: host, State: OK})
	}
	want(4000, "[196/200 hosts] 192 ok, 4 failed, about 1 min 20 s left, waiting for web[1-2,199-200]")
	for host, state := range map[string]State{"web1": Skipped, "web2": Cancelled, "web199": OK, "web200": OK} {
		at(4001, HostState{Host: host, State: state})
	}
	want(4001, "")
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 s", 45 * time.Second: "45 s", 134 * time.Second: "2 min 10 s", 754 * time.Second: "12 min", 7500 * time.Second: "2 h 05 min",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

package event

import (
	"bytes"
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
		{TaskEnd{Host: "web3", Task: "stop", State: Failed}, "[3/11 hosts], waiting for web[4-11]"},
		{GroupStart{Hosts: []string{"a", "b", "c"}, Command: "apt\x1b update", Hidden: true}, `[0/3 hosts] apt\x1b update`},
		{CommandEnd{Host: "a", Group: true}, `[1/3 hosts] apt\x1b update, waiting for b,c`},
		{HostState{Host: "b", State: Unreachable}, `[2/3 hosts] apt\x1b update, waiting for c`},
		{GroupResult{Hidden: true}, "[3/11 hosts], waiting for web[4-11]"},
		{Transfer{Host: "web4", Direction: Put, Path: "/srv/a.tar", Done: 5e6, Total: 2e7, Duration: Seconds(2 * time.Second)},
			"[3/11 hosts], waiting for web[4-11]  web4 put /srv/a.tar 2…"},
		{Transfer{Host: "web5", Direction: Put, Path: "/srv/a.tar", Done: 5e6, Total: 2e7, Duration: Seconds(time.Second)},
			"[3/11 hosts], waiting for web[4-11]  2 transfers 25% of 40…"},
		{Transfer{Host: "web4", Direction: Put, Path: "/srv/a.tar", Done: 2e7, Total: 2e7, Finished: true, Duration: Seconds(3 * time.Second)},
			"web4  > /srv/a.tar (20 MB, 3.00 s)\n[3/11 hosts], waiting for web[4-11]  web5 put /srv/a.tar 2…"},
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
		s.follow(e)
		if got := s.line(80); got != want {
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

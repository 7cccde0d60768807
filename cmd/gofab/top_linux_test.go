package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// The live view takes the second screen, follows the size, obeys keys, and
// gives the terminal back as it was.
func TestTop(t *testing.T) {
	for _, end := range []string{"q", "\x03"} {
		s := sit(t, t.TempDir(), "top", "--interval", "100ms")
		s.sees("PID USER")
		s.sees("COMMAND")
		if !s.raw() {
			t.Error("keys are not read one by one")
		}
		s.types("m ")
		s.narrow(40)
		for strings.Contains(s.screen.Text(), "COMMAND") { // lines end at the new edge
			s.sees("PID USER")
			s.step()
		}
		s.narrow(80)
		s.sees("COMMAND")
		s.types(end)
		if code := s.leaves(); code != 0 {
			t.Errorf("%q ended it with %d", end, code)
		}
		if s.raw() || strings.Contains(s.screen.Text(), "COMMAND") || !strings.HasSuffix(s.all.String(), leaveScreen) {
			t.Errorf("%q left the terminal as it is not to be:\n%s", end, s.screen.Text())
		}
	}
}

// Over a group there is a line for each host.
func TestTopOfGroup(t *testing.T) {
	s := sit(t, t.TempDir(), "top", "--sandbox", "-H", "web1,web2", "--interval", "100ms")
	s.sees("BUSIEST")
	s.sees("web1")
	s.sees("web2")
	s.types("q")
	if code := s.leaves(); code != 0 || s.raw() {
		t.Errorf("ended with %d", code)
	}
}

// narrow gives the terminal another width.
func (s *seat) narrow(columns uint16) {
	s.t.Helper()
	if err := pty.Setsize(s.File, &pty.Winsize{Cols: columns, Rows: 24}); err != nil {
		s.t.Fatal(err)
	}
}

// step takes what comes next to the screen.
func (s *seat) step() {
	s.t.Helper()
	buf := make([]byte, 4096)
	n, err := s.Read(buf)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = s.screen.Write(buf[:n])
	s.all.Write(buf[:n])
}

// A signal ends it too, and the terminal is given back.
func TestTopEndsBySignal(t *testing.T) {
	s := sit(t, t.TempDir(), "top", "--interval", "100ms")
	s.sees("PID USER")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := s.leaves(); code == 0 || s.raw() || s.screen.Alternate() {
		t.Errorf("ended with %d:\n%s", code, s.screen.Text())
	}
}

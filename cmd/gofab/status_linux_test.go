package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestStatusLine: while a run over many hosts goes on, its progress stands
// below the output, in any width, and at the end nothing is left of it.
func TestStatusLine(t *testing.T) {
	dir := t.TempDir()
	release := func(host int) {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("go-sandbox%d", host)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CI", "")
	t.Setenv("NO_COLOR", "1")
	wait := fmt.Sprintf(`me=$(basename "$HOME"); echo "start of $me"; while [ ! -e '%s/go-'"$me" ]; do sleep 0.02; done; echo "end of $me"; test $me != sandbox2`, dir)
	s := sit(t, dir, "exec", "--sandbox=12", "-f", "3", "--", wait)
	s.sees("start of sandbox3")
	s.sees("[0/12 hosts]")
	s.sees("3 running")
	s.resize(44, 24)
	release(1)
	release(2)
	s.sees("[2/12 hosts]")
	s.sees("1 ok, 1 failed")
	if row := lastRow(s.screen.Text()); !strings.HasPrefix(row, "[2/12 hosts]") || len([]rune(row)) > 43 {
		t.Errorf("the last row is %q", row)
	}
	s.resize(100, 24)
	for host := 3; host <= 12; host++ {
		release(host)
	}
	if code := s.leaves(); code != 4 {
		t.Errorf("exit code %d", code)
	}
	text := s.screen.Text()
	if strings.Contains(text, "hosts]") || !strings.HasSuffix(text, "12 hosts: 11 ok, 1 failed"+text[strings.LastIndex(text, " ("):]) {
		t.Errorf("at the end:\n%s", text)
	}
	for row := range strings.Lines(text) {
		if strings.Contains(row, "| end of") && !strings.HasPrefix(row, "sandbox") {
			t.Errorf("a torn row: %q", row)
		}
	}
}

// TestNoStatusLine where a terminal is not one to draw on.
func TestNoStatusLine(t *testing.T) {
	for name, env := range map[string][2]string{"in CI": {"CI", "true"}, "quiet": {"X", "1"}} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CI", "")
			t.Setenv(env[0], env[1])
			args := []string{"exec", "--sandbox=5", "-f", "1", "--", "echo hello"}
			if name == "quiet" {
				args = append([]string{"exec", "-q"}, args[1:]...)
			}
			s := sit(t, t.TempDir(), args...)
			if code := s.leaves(); code != 0 || strings.Contains(s.all.String(), "hosts]") {
				t.Errorf("%d, %q", code, s.all.String())
			}
		})
	}
}

func (s *seat) resize(cols, rows uint16) {
	s.t.Helper()
	if err := pty.Setsize(s.File, &pty.Winsize{Cols: cols, Rows: rows}); err != nil {
		s.t.Fatal(err)
	}
	s.screen.Resize(int(cols), int(rows))
}

func lastRow(text string) string { return text[strings.LastIndex(text, "\n")+1:] }

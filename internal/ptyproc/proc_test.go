package ptyproc

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func start(t *testing.T, o Options) expect.Stream {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func shell(line string) Options { return Options{Args: []string{"/bin/sh", "-c", line}} }

func output(t *testing.T, s io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExits: a code or a signal, never both, and the same again.
func TestExits(t *testing.T) {
	testenv.Goroutines(t)
	for line, want := range map[string]expect.Exit{
		"exit 0": {}, "exit 7": {Code: 7}, "kill -TERM $$": {Code: -1, Signal: "TERM"}, "kill -9 $$": {Code: -1, Signal: "KILL"},
	} {
		for _, pipes := range []bool{false, true} {
			o := shell(line)
			o.Pipes = pipes
			s := start(t, o)
			output(t, s)
			for range 2 {
				if got, err := s.(expect.Program).Wait(t.Context()); err != nil || got != want {
					t.Errorf("%s: got %+v %v, want %+v", line, got, err, want)
				}
			}
		}
	}
}

// TestSizeIsThereFromTheStart: a program that never looks again sees it.
func TestSizeIsThereFromTheStart(t *testing.T) {
	o := shell("stty size; tty; stty -a | grep -wo -- -echo")
	o.Rows, o.Cols, o.Env, o.Dir = 33, 99, []string{"PATH=" + os.Getenv("PATH")}, "/"
	if got := output(t, start(t, o)); !strings.HasPrefix(got, "33 99\r\n/dev/") || !strings.HasSuffix(got, "-echo\r\n") {
		t.Errorf("%q", got)
	}
}

func TestEchoAndControl(t *testing.T) {
	o := shell("cat")
	o.Echo = true
	terminal := start(t, o).(*Terminal)
	if on, err := terminal.Echo(); err != nil || !on {
		t.Error(on, err)
	}
	if err := terminal.SetEcho(false); err != nil {
		t.Error(err)
	}
	if on, err := terminal.Echo(); err != nil || on {
		t.Error(on, err)
	}
	eof, err1 := terminal.Control("eof")
	intr, err2 := terminal.Control("intr")
	if eof != 4 || intr != 3 || err1 != nil || err2 != nil || terminal.LineLimit() != 4095 {
		t.Error(eof, intr, err1, err2, terminal.LineLimit())
	}
	if err := terminal.Resize(10, 20); err != nil {
		t.Error(err)
	}
	if rows, cols, err := terminal.Size(); rows != 10 || cols != 20 || err != nil {
		t.Error(rows, cols, err)
	}
	if err := terminal.Resize(0, 70000); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

// TestCloseEndsEverything: also a program that ignores the hangup, and the jobs
// of a shell with job control.
func TestCloseEndsEverything(t *testing.T) {
	testenv.Goroutines(t)
	for _, line := range []string{
		"echo $$; exec sleep 1000",
		"trap '' HUP INT TERM; echo $$; while :; do sleep 1; done",
		"set -m; sh -c 'trap \"\" HUP; echo $$; while :; do sleep 1; done'",
	} {
		s := start(t, shell(line))
		b := make([]byte, 100)
		n, err := s.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		exit, err := s.(expect.Program).Wait(t.Context())
		if err != nil || exit.Signal == "" && exit.Code == 0 {
			t.Errorf("%s: %+v %v", line, exit, err)
		}
		if !dies(t, pid) {
			t.Errorf("%s: %d still runs", line, pid)
		}
	}
}

// dies waits until there is no such process: init reaps it when its parent is
// gone.
func dies(t *testing.T, pid int) bool {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for ctx.Err() == nil {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
	return false
}

// TestOrphansDoNotHoldUpTheEnd: a child in the background keeps the terminal
// open for ever.
func TestOrphansDoNotHoldUpTheEnd(t *testing.T) {
	setsid := testenv.Require(t, "setsid")
	for _, pipes := range []bool{false, true} {
		o := shell("trap '' HUP; " + setsid + " sh -c 'echo $$; exec sleep 1000' & read x; exit 3")
		o.Pipes = pipes
		s := start(t, o)
		b := make([]byte, 100)
		n, err := s.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		pid, _ := strconv.Atoi(strings.TrimSpace(string(b[:n])))
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
		if _, err := s.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
		output(t, s)
		if exit, err := s.(expect.Program).Wait(t.Context()); err != nil || exit.Code != 3 {
			t.Error(exit, err)
		}
	}
}

// TestLateReaderLosesNothing: who comes to read long after the end of the
// program still gets all of it.
func TestLateReaderLosesNothing(t *testing.T) {
	for _, pipes := range []bool{false, true} {
		o := shell("stty -opost 2>/dev/null; echo last words")
		o.Pipes = pipes
		s := start(t, o)
		var p *Process
		switch s := s.(type) {
		case *Terminal:
			p = s.Process
		case *Piped:
			p = s.Process
		}
		<-p.Done()
		if err := p.out.SetReadDeadline(time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if got := output(t, s); got != "last words\n" {
			t.Errorf("pipes %v: %q", pipes, got)
		}
	}
}

// TestDeadline: a write to a program that does not read ends with it.
func TestDeadline(t *testing.T) {
	for _, pipes := range []bool{false, true} {
		o := shell("exec sleep 1000")
		o.Pipes = pipes
		s := start(t, o)
		if err := s.SetWriteDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write([]byte(strings.Repeat("x\n", 1<<20))); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	}
}

func TestMistakes(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    Options
		kind fault.Kind
		text string
	}{
		{Options{}, fault.Usage, "no program"},
		{Options{Args: []string{"no-such-program"}}, fault.NotFound, `no program "no-such-program" in PATH`},
		{Options{Args: []string{"sh"}, Env: []string{"PATH=/nowhere"}}, fault.NotFound, "in PATH"},
		{Options{Args: []string{"/no/such/file"}}, fault.NotFound, "/no/such/file"},
		{Options{Args: []string{plain}}, fault.Denied, "permission"},
		{Options{Args: []string{"/bin/sh"}, Dir: "/no/such/folder"}, fault.NotFound, "in /no/such/folder"},
	} {
		_, err := Start(c.o)
		if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: %v (%s)", c.o, err, fault.KindOf(err))
		}
	}
	s := start(t, shell("cat"))
	if err := s.(expect.Program).Signal("NOPE"); fault.KindOf(err) != fault.Usage {
		t.Error(err)
	}
}

package sshserver

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"gofab/internal/testenv"
)

// TestSystemClientGetsATerminal lets ssh run in a terminal of our own, as a
// person would.
func TestSystemClientGetsATerminal(t *testing.T) {
	b := startBed(t, []string{"web1"})
	cmd := b.client("ssh", "-tt", "web1", "tty; stty size; echo $TERM; exit 4")
	cmd.Env = append(cmd.Environ(), "TERM=vt220")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 31, Cols: 101})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	out, _ := io.ReadAll(terminal) // EIO at the end
	err = cmd.Wait()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 4 {
		t.Errorf("status: %v", err)
	}
	if want := regexp.MustCompile(`^/dev/pts/\d+\r\n31 101\r\nvt220\r\n$`); !want.Match(out) {
		t.Errorf("got %q", out)
	}
}

// terminalSession starts a command on a terminal and gives both its ends.
func terminalSession(t *testing.T, b *bed, modes ssh.TerminalModes, command string) (*ssh.Session, io.Writer, *bufio.Reader) {
	t.Helper()
	session, err := b.dial("web1").NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.RequestPty("xterm", 24, 80, modes); err != nil {
		t.Fatal(err)
	}
	in, err1 := session.StdinPipe()
	out, err2 := session.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	start := func() error { return session.Start(command) }
	if command == "" {
		start = session.Shell
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	return session, in, bufio.NewReader(out)
}

func TestTerminalModes(t *testing.T) {
	b := startBed(t, []string{"web1"})
	for _, echo := range []uint32{0, 1} {
		session, _, out := terminalSession(t, b, ssh.TerminalModes{ssh.ECHO: echo, ssh.ONLCR: 0}, "stty -a")
		text, _ := io.ReadAll(out)
		if err := session.Wait(); err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(strings.ReplaceAll(string(text), ";", " "))
		if has(words, "echo") != (echo == 1) || has(words, "onlcr") || !has(words, "icanon") {
			t.Errorf("echo %d: %s", echo, text)
		}
	}
}

func has(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

func TestWindowChangeReachesTheProgram(t *testing.T) {
	b := startBed(t, []string{"web1"})
	session, in, out := terminalSession(t, b, ssh.TerminalModes{ssh.ECHO: 0, ssh.ONLCR: 0},
		"trap 'stty size; exit' WINCH; echo ready; read line; read line")
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	if err := session.WindowChange(50, 132); err != nil {
		t.Fatal(err)
	}
	// Data may overtake a request, but a request does not overtake another.
	if _, err := session.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "\n"); err != nil { // shells may run a trap only after the line
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(out)
	if string(rest) != "50 132\n" {
		t.Errorf("got %q", rest)
	}
}

func TestLoginShellOnATerminal(t *testing.T) {
	testenv.Goroutines(t)
	b := startBed(t, []string{"web1"})
	session, in, out := terminalSession(t, b, ssh.TerminalModes{ssh.ECHO: 0, ssh.ONLCR: 0}, "")
	if _, err := io.WriteString(in, "echo $0 $(pwd)\nexit 9\n"); err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(out)
	if exit, ok := session.Wait().(*ssh.ExitError); !ok || exit.ExitStatus() != 9 {
		t.Errorf("status: %v", exit)
	}
	if want := "-sh " + b.Host("web1").Root(); !strings.Contains(string(text), want) {
		t.Errorf("got %q, want %q in it", text, want)
	}
}

// TestInterruptOnATerminal: the terminal itself turns ^C into a signal.
func TestInterruptOnATerminal(t *testing.T) {
	b := startBed(t, []string{"web1"})
	session, in, out := terminalSession(t, b, ssh.TerminalModes{ssh.ONLCR: 0, ssh.ECHO: 0}, "echo ready; exec sleep 1000")
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := io.WriteString(in, "\x03"); err != nil {
		t.Fatal(err)
	}
	if exit, ok := session.Wait().(*ssh.ExitError); !ok || exit.Signal() != "INT" {
		t.Errorf("got %v", exit)
	}
}

// TestCloseDoesNotWaitForTheTerminal: a process that fled into a session of
// its own keeps the terminal, and Close returns all the same.
func TestCloseDoesNotWaitForTheTerminal(t *testing.T) {
	testenv.Goroutines(t)
	setsid := testenv.Require(t, "setsid")
	b := startBed(t, []string{"web1"})
	bird := newCanary(t, b.Host("web1").Root())
	if err := unix.Mkfifo(filepath.Join(b.Host("web1").Root(), "release"), 0o600); err != nil {
		t.Fatal(err)
	}
	terminalSession(t, b, nil, setsid+" --fork sh -c '"+hold+"read x <release'; sleep 1000")
	bird.alive()
	b.Close()
	release, err := os.OpenFile(filepath.Join(b.Host("web1").Root(), "release"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer release.Close()
	if _, err := io.WriteString(release, "go\n"); err != nil {
		t.Fatal(err)
	}
	bird.dies()
}

// TestJobsOfAnInteractiveShellHangUp: with job control each job is a group of
// its own, which only the shell knows.
func TestJobsOfAnInteractiveShellHangUp(t *testing.T) {
	bash := testenv.Require(t, "bash")
	b := startBed(t, []string{"web1"}, func(c *Config) { c.Shell = bash })
	bird := newCanary(t, b.Host("web1").Root())
	session, in, _ := terminalSession(t, b, nil, "")
	if _, err := io.WriteString(in, "sleep 1000 3>canary &\n"+hold+"sleep 1000\n"); err != nil {
		t.Fatal(err)
	}
	bird.alive()
	session.Close()
	bird.dies()
}

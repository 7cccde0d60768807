package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

const talk = `
local p = expect.spawn("stty size; exec cat", { term = "xterm" })
p:expect("50 240")
print("over to you")
print("it ended by " .. p:interact())
p:line("from the script")
p:expect("from the script")
print("back again")
`

func TestInteract(t *testing.T) {
	s := sit(t, t.TempDir(), "-e", talk)
	s.sees("over to you")
	s.types("hello\r")
	s.sees("hello")
	s.types("\x1d")
	s.sees("it ended by escape")
	s.sees("back again")
	if code := s.leaves(); code != 0 || s.raw() {
		t.Errorf("exit code %d, raw: %t\n%s", code, s.raw(), s.screen.Text())
	}
}

func TestInteractFollowsTheWindow(t *testing.T) {
	s := sit(t, t.TempDir(), "-e", `
local p = expect.spawn("trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.05; done", { term = "xterm" })
p:expect("ready")
p:interact()`)
	s.sees("24 80")
	if err := pty.Setsize(s.File, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	s.sees("30 100")
	s.types("\x1d")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// Ctrl-C belongs to the program; a signal from elsewhere ends the run, and the
// terminal is as it was.
func TestInteractIsInterrupted(t *testing.T) {
	s := sit(t, t.TempDir(), "-e", `
local p = expect.spawn("trap 'echo caught' INT; printf '\\033[?1049h\\033[?25lready '; while :; do sleep 0.05; done", { term = "xterm" })
p:interact()`)
	s.sees("ready")
	if !s.raw() {
		t.Error("the terminal is not raw")
	}
	s.types("\x03")
	s.sees("caught")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := s.leaves(); code != world.ExitInterrupted || s.raw() || s.screen.Alternate() || !s.screen.Cursor().Visible {
		t.Errorf("exit code %d, raw: %t, alternate: %t", code, s.raw(), s.screen.Alternate())
	}
}

// A mistake in a filter ends the session, not the terminal.
func TestInteractWithFilters(t *testing.T) {
	s := sit(t, t.TempDir(), "-e", `
local p = expect.spawn("stty -echo; echo ready; exec cat", { term = "xterm" })
p:expect("ready\\r\\n")
print("go")
p:interact{ input = function(keys) if keys == "!" then error("no such key") end return keys:upper() end,
  output = function(text) return (text:gsub("A", "<A>")) end }`)
	s.sees("go")
	s.types("banana\r")
	s.sees("B<A>N<A>N<A>")
	s.types("!")
	s.sees("no such key")
	if code := s.leaves(); code != world.ExitFailed || s.raw() {
		t.Errorf("exit code %d, raw: %t", code, s.raw())
	}
}

func TestInteractWithoutATerminal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-e", `expect.spawn("cat"):interact()`)
	cmd.Args[0], cmd.SysProcAttr = "gofab", &syscall.SysProcAttr{Setsid: true}
	out, _ := cmd.CombinedOutput()
	if !strings.Contains(string(out), "there is no terminal") || !strings.Contains(string(out), "run gofab in a terminal") {
		t.Errorf("%s", out)
	}
}

// TestARecordedScriptPlaysThePerson records real programs and lets the scripts
// that come of it talk with them.
func TestARecordedScriptPlaysThePerson(t *testing.T) {
	tests := []struct {
		program string
		args    []string
		steps   [][2]string // what is seen, what is typed
	}{
		{"bc", []string{"-q"}, [][2]string{{"", "6*7\r"}, {"\n42", "2^10\r"}, {"1024", "quit\r"}}},
		{"bash", []string{"--norc", "--noprofile", "-i"}, [][2]string{
			{"$ ", "cd /tmp && PS1='now> '\r"}, {"\nnow> ", "echo $((6*7))\r"}, {"\n42\nnow> ", "ech\x01\x05o again\r"}, {"\nagain\nnow> ", "exit 3\r"}}},
		{"python3", []string{"-q"}, [][2]string{{">>> ", "print(6*7)\r"}, {"42\n>>> ", "import getpass; p = getpass.getpass('Secret' + ' word: ')\r"},
			{"Secret word: ", "Tr0ub4dor&3\r"}, {"Secret word:\n>>> ", "print(len(p))\r"}, {"11\n>>> ", "\x04"}}},
		{"less", []string{"poem"}, [][2]string{{"line 23\n", " "}, {"line 46\n:", "/line 60\r"}, {"line 82\n:", "q"}}},
	}
	for _, test := range tests {
		t.Run(test.program, func(t *testing.T) {
			testenv.Require(t, test.program)
			dir := t.TempDir()
			writePoem(t, dir)
			s := sit(t, dir, append([]string{"record", "-o", "session.lua", "--", test.program}, test.args...)...)
			for _, step := range test.steps {
				s.sees(step[0])
				s.types(step[1])
			}
			recorded := s.leaves()
			text := read(t, dir, "session.lua")
			if strings.Contains(text+read(t, dir, "session.cast"), "Tr0ub4dor") {
				t.Fatalf("the secret is stored:\n%s", text)
			}
			again := sit(t, dir, "session.lua")
			if strings.Contains(text, "secret.ask") {
				again.sees("Secret word: ")
				again.types("Tr0ub4dor&3\r")
			}
			if code := again.leaves(); code != 0 {
				t.Errorf("recorded exit code %d; the script ends with %d:\n%s\n%s", recorded, code, again.screen.Text(), text)
			}
		})
	}
}

func writePoem(t *testing.T, dir string) {
	t.Helper()
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "line %d\n", i+1)
	}
	if err := os.WriteFile(filepath.Join(dir, "poem"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

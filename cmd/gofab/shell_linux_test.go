package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One prompt, two hosts, a person who types.
func TestShell(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	s := sit(t, dir, "shell", "--sandbox=2")
	s.sees("sandbox[1-2]> ")
	s.types("echo $((40 + 2))\r")
	s.sees("-- sandbox[1-2]")
	s.sees("\n42")

	s.types("touch some-file other; mkdir dir\r")
	s.types("ls so\t\r") // completed by the first host
	s.sees("ls some-file")
	s.types("\r")
	s.types("cd di\t\r")
	s.sees("cd dir/")
	s.types("basename $(pwd)\r")
	s.sees("\ndir")

	// Ctrl-C ends what runs and not the shell, and drops what is being typed.
	s.types(":live\r")
	s.types("echo started; sleep 600\r")
	s.sees("sandbox2 | started")
	s.types("\x03")
	s.sees("-- interrupted\nsandbox[1-2]>")
	s.types("rubbish\x03")
	s.types("  echo not kept\r")
	s.sees("| not kept\nsandbox[1-2]>") // a Ctrl-D before there is a prompt would be lost

	s.types("\x04")
	if code := s.leaves(); code != 0 || s.raw() {
		t.Errorf("exit code %d, raw: %t\n%s", code, s.raw(), s.screen.Text())
	}
	history, err := os.ReadFile(filepath.Join(dir, "state", "gofab", "shell_history"))
	if err != nil || !strings.Contains(string(history), "cd dir/\n") || strings.Contains(string(history), "not kept") {
		t.Errorf("%v, history:\n%s", err, history)
	}
}

// What runs at the prompt of Lua ends with Ctrl-C, too.
func TestREPLIsInterrupted(t *testing.T) {
	s := sit(t, t.TempDir(), "repl", "--sandbox=1")
	s.sees("> ")
	s.types("print('begun') while true do end\r")
	s.sees("\nbegun")
	s.types("\x03")
	s.sees("interrupted by Ctrl-C")
	s.types("6 * 7\r")
	s.sees("\n42\n> ") // a Ctrl-D before there is a prompt would be lost
	s.types("\x04")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d\n%s", code, s.screen.Text())
	}
}

// Tab completes names, methods and hosts.
func TestREPLCompletes(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	s := sit(t, t.TempDir(), "repl", "--sandbox", "-H", "web1")
	s.sees("h is web1\n> ")
	s.types("base64.enc\t('hi')\r") // of a module that nobody has used yet
	s.sees("base64.encode('hi')\naGk=\n> ")
	s.types("h:cl\t()\r")
	s.sees("h:close()\n> ")
	s.types("h.na\t\r")
	s.sees("h.name\nweb1\n> ")
	s.types("known = { key = 7 }\rkno\t.k\t\r")
	s.sees("known.key\n7\n> ")
	s.types("host('w\t')\r")
	s.sees("host('web1')\nweb1\n> ")
	s.types("string.for\t('%02d', 3)\r")
	s.sees("string.format('%02d', 3)\n03\n> ")
	s.types(":doc json.de\t\r")
	s.sees(":doc json.decode\njson.decode(")
	s.types("h:s\t")
	s.sees("h:script")
	s.sees("h:start")
	s.types("\x03\x04")
	if code := s.leaves(); code != 0 || s.raw() {
		t.Errorf("exit code %d, raw: %t\n%s", code, s.raw(), s.screen.Text())
	}
}

// A login shell and a command, on the person's own terminal.
func TestSSH(t *testing.T) {
	s := sit(t, t.TempDir(), "ssh", "--sandbox=1", "sandbox1")
	s.types("stty size; cd /; echo $((40 + 2)); exit 7\r")
	s.sees("24 80")
	s.sees("\n42")
	if code := s.leaves(); code != 7 || s.raw() {
		t.Errorf("exit code %d, raw: %t\n%s", code, s.raw(), s.screen.Text())
	}
	s = sit(t, t.TempDir(), "ssh", "--sandbox=1", "sandbox1", "--", "read line; echo got $line; exit 3")
	s.types("hello\r")
	s.sees("got hello")
	if code := s.leaves(); code != 3 || s.raw() {
		t.Errorf("exit code %d, raw: %t\n%s", code, s.raw(), s.screen.Text())
	}
}

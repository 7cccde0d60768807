package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The stories in testdata are what people type. In them the test binary plays
// gofab; the other commands they may use are in storycommands_test.go.

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gofab": main})
}

func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Cmds:                storyCommands,
	})
}

// setUp gives a story a home of its own, without an agent and without colour
// settings of the person who runs the tests.
func setUp(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("TERM", "xterm")
	env.Setenv("SSH_AUTH_SOCK", "")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would add a second to every command
	env.Values[testKey{}] = env.T()
	return os.MkdirAll(filepath.Join(home, ".ssh"), 0o700)
}

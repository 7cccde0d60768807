package ssh_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// These tests are scripts against a real sshd, with ssh(1), ssh-keygen and
// ssh-agent as the judges.

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestMain opens a run once: what a process starts for signals stays, and is no
// leak of a test.
func TestMain(m *testing.M) {
	w := world.Process()
	out := &testenv.Buffer{}
	w.In, w.Out, w.Err = bytes.NewReader(nil), out, out
	r, err := run.Open(context.Background(), run.Options{World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text})
	if err != nil {
		panic(err)
	}
	r.Close()
	m.Run()
}

// lua runs a chunk in a fresh run, with globals of its own, and gives its error
// and what was shown.
func lua(t testing.TB, globals map[string]any, code string) (string, error) {
	t.Helper()
	w := world.Process()
	out := &testenv.Buffer{}
	w.In, w.Out, w.Err = bytes.NewReader(nil), out, out
	r, err := run.Open(t.Context(), run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Forks: 8,
	})
	check(t, err)
	defer r.Close()
	prologue := ""
	for name, value := range globals {
		prologue += fmt.Sprintf("local %s = %#v ", name, value)
	}
	err = r.Evaluate(prologue+code, "test", nil)
	_ = r.Flush()
	return out.String(), err
}

// must runs a chunk that does not fail.
func must(t testing.TB, globals map[string]any, code string) string {
	t.Helper()
	out, err := lua(t, globals, code)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, fault.From(err).Hint, out)
	}
	return out
}

// lab starts an sshd and gives what scripts need to log in: name, config, dir,
// and the files and numbers of the server.
func lab(t testing.TB, options ...testenv.Option) (*testenv.SSHD, map[string]any) {
	t.Helper()
	s := testenv.StartSSHD(t, options...)
	return s, map[string]any{
		"name": s.Name, "config": s.ConfigFile, "port": s.Port, "user": s.User,
		"key": s.ClientKey, "known": s.KnownHosts, "dir": t.TempDir(),
	}
}

// tool runs a program of OpenSSH.
func tool(t testing.TB, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(testenv.Require(t, name), args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// kindOf is the kind of error that a chunk raises.
func kindOf(t testing.TB, globals map[string]any, code string) (fault.Kind, string) {
	t.Helper()
	out, err := lua(t, globals, code)
	if err == nil {
		t.Errorf("no error from\n%s", code)
	}
	return fault.KindOf(err), fmt.Sprint(err, "\n", out)
}

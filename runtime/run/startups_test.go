package run_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// Two hundred hosts behind one sshd, which drops connections at random as soon
// as ten are not logged in yet (MaxStartups 10:30:100, its default): all are
// done.
func TestManyHostsBehindOneServer(t *testing.T) {
	const hosts = 200
	sshd := testenv.StartSSHD(t, testenv.Lines("MaxStartups 10:30:100"))
	own, err := os.ReadFile(sshd.ConfigFile)
	must(err)
	config := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf("Host h*\n  HostName 127.0.0.1\n  Port %d\n  User %s\n  IdentityFile %s\n\n", sshd.Port, sshd.User, sshd.ClientKey)
	must(os.WriteFile(config, append([]byte(text), own...), 0o600))
	w, out := world.Process(), &testenv.Buffer{}
	w.In, w.Out, w.Err = strings.NewReader(""), out, io.Discard
	r, err := run.Open(context.Background(), run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Verbosity: event.Quiet, Forks: hosts,
		Remote: run.RemoteOptions{ConfigFile: config},
	})
	must(err)
	defer r.Close()
	if err := r.Evaluate(fmt.Sprintf(`print("done: " .. #hosts("h[1-%d]"):run("true", { hide = true }).ok)`, hosts), "many.lua", nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(); err != nil || !strings.Contains(out.String(), "done: 200") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

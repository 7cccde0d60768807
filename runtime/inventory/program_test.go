package inventory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/inventory"
)

func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrograms(t *testing.T) {
	inv := inventory.New()
	path := program(t, `echo "{\"web\": {\"hosts\": [\"$1\"], \"vars\": {\"x\": 1}}, \"_meta\": {\"hostvars\": {\"$1\": {\"ansible_host\": \"10.0.0.1\"}}}}"`)
	if err := inv.Command(t.Context(), inventory.Program{Words: []string{path, "w1"}}); err != nil {
		t.Fatal(err)
	}
	if h := inv.Host("w1"); h == nil || h.Address != "10.0.0.1" || h.Vars["x"] != 1.0 || strings.Join(h.Groups, " ") != "web" {
		t.Errorf("got %+v", h)
	}
	for name, c := range map[string]struct {
		script, want string
		kind         fault.Kind
	}{
		"exit code":   {"echo no token >&2; exit 3", "ended with exit status 3: no token", fault.Exit},
		"no JSON":     {"echo '{'; echo", "list:1: not JSON: it ends too early", fault.Parse},
		"wrong form":  {`echo '{"web": 5}'`, "list:1: group web: want a list", fault.Parse},
		"time":        {"sleep 60 & sleep 60", "took longer than 50ms", fault.Timeout},
		"much output": {"yes '{'", "printed more than", fault.Failed},
	} {
		p := inventory.Program{Words: []string{program(t, c.script)}, Timeout: 50 * time.Millisecond}
		if c.kind != fault.Timeout {
			p.Timeout = 0
		}
		err := inventory.New().Command(t.Context(), p)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != c.kind {
			t.Errorf("%s: got %v (%s)", name, err, fault.KindOf(err))
		}
	}
	for _, words := range [][]string{nil, {""}, {"/no/such/program"}} {
		if err := inventory.New().Command(t.Context(), inventory.Program{Words: words}); err == nil {
			t.Errorf("%q: no error", words)
		}
	}
}

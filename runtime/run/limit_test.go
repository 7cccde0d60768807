package run_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gofab/bindings"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// fewFiles is set in the process that reaches more hosts than it may open
// files.
const fewFiles = "GOFAB_FEW_FILES"

// More hosts than open files: those that fit are reached, and each of the
// others says what is short and what to do.
func TestMoreHostsThanOpenFiles(t *testing.T) {
	if dir := os.Getenv(fewFiles); dir != "" {
		reachAll(dir)
		return
	}
	f := startFleet(t)
	cmd := exec.Command(os.Args[0], "-test.run", "^TestMoreHostsThanOpenFiles$")
	cmd.Env = append(os.Environ(), fewFiles+"="+f.dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ok, failed := strings.Count(string(out), "ok: "), strings.Count(string(out), "failed: ")
	if ok < 100 || failed < 100 || ok+failed != benchHosts {
		t.Errorf("%d hosts reached, %d not, of %d\n%.2000s", ok, failed, benchHosts, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if rest, is := strings.CutPrefix(line, "failed: "); is && !strings.Contains(rest, "ulimit -n") {
			t.Fatalf("a message that does not help: %s", rest)
		}
	}
}

// reachAll runs a command on all hosts with 256 files to open, and prints how
// each one fared.
func reachAll(dir string) {
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 256, Max: 256}))
	w := world.Process()
	w.Err, w.In = io.Discard, strings.NewReader("")
	r, err := run.Open(context.Background(), run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Verbosity: event.Quiet,
		Forks: 32, Remote: run.RemoteOptions{ConfigFile: filepath.Join(dir, "config")},
	})
	must(err)
	defer r.Close()
	fmt.Println()
	must(r.Evaluate(`
local r, e = try(function() return hosts("h[1-500]"):run("true", { hide = true }) end)
r = r or e.result
for _, name in ipairs(r.ok) do print("ok: " .. name) end
for name, e in pairs(r.errors) do print("failed: " .. name .. " " .. e.kind .. " " .. (tostring(e):gsub("\n", " "))) end`, "limit.lua", nil))
}

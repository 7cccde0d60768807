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
	"gofab/runtime/task"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// fewFiles is set in the process that reaches more hosts than it may open
// files.
const fewFiles = "GOFAB_FEW_FILES"

// More hosts than open files, and more at once than connections: all are done,
// twice, and each command of the second round where it belongs.
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
	for round, hosts := range map[string]int{"run": benchHosts, "each": 200, "alone": 200, "task": 200} {
		if n := strings.Count(string(out), round+": ok\n"); n != hosts {
			t.Errorf("%s: %d of %d hosts are well\n%.3000s", round, n, hosts, out)
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
local function show(round, r)
  for _, name in ipairs(r.ok) do print(round .. ": ok") end
  for name, e in pairs(r.errors) do print(round .. ": " .. name .. " " .. tostring(e)) end
end
show("run", hosts("h[1-500]"):run("true", { hide = true, forks = 400, all = true }))
local g = hosts("h[1-200]")
show("each", g:each({ all = true }, function(h)
  h:run("true", { hide = true })
  host("h1"):run("true", { hide = true }) -- all need one more
  return h:run("true", { hide = true })
end))
for _, h in ipairs(g:list()) do -- one by one, outside of all fan-outs
  h:run("true", { hide = true })
  print("alone: ok")
end
`, "limit.lua", nil))
	tasks(r)
}

// tasks does the same with a task, whose hosts go to others in turn.
func tasks(r *run.Run) {
	must(r.Evaluate(`task("visit", { hosts = "h[1-200]", forks = 150 }, function(h)
  hosts("h1, h2, h3"):run("true", { hide = true })
  h:run("true", { hide = true })
  print("task: ok")
end)`, "task.lua", nil))
	t, err := r.Tasks.Find("visit")
	must(err)
	call, err := t.WithDefaults()
	must(err)
	_, err = r.Do([]task.Call{call})
	must(err)
}

package hooks_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func TestHandlers(t *testing.T) {
	testenv.Goroutines(t)
	for name, c := range map[string]struct{ script, want string }{
		"by name, in order": {`
on("host_state", function(e) print("A", e.host, e.state, e.event) end)
on("host_state", function(e) print("B", e.host, e.state, e.error and e.error.kind) end)
task("main", { hosts = "web1, web2" }, function(h) if h.name == "web2" then error("boom") end end)`,
			"A\tweb1\tok\thost_state B\tweb1\tok\tnil A\tweb2\tfailed\thost_state B\tweb2\tfailed\tscript"},
		"the end of a run, with the connections open": {`
on("run_end", function(e) print(e.summary.hosts, e.summary.states.ok, host("web1"):run("echo still here", { hide = true }).stdout) end)
task("main", { hosts = "web1" }, function(h) h:run("true") end)`, "1\t1\tstill here"},
		"their own doing calls no handler": {`
local n = { print = 0, log = 0, command_end = 0 }
on("print", function(e) n.print = n.print + 1 print("echo") end)
on("log", function(e) n.log = n.log + 1 log.info("again") end)
on("command_end", function(e) n.command_end = n.command_end + 1 host("web1"):run("true") hosts("web1,web2"):run("true") end)
on("*", function(e) io.write("") host("local"):with{ hide = true } end)
on("run_end", function() io.stdout:write(("%d %d %d\n"):format(n.print, n.log, n.command_end)) end)
task("main", { hosts = "web1" }, function(h) print("x") log.info("y") h:run("true") end)`, "x echo 1 1 1"},
		"tasks, groups and copies of handlers call none either": {`
local n = { task_end = 0, transfer = 0, group_start = 0 }
on("task_end", function() n.task_end = n.task_end + 1 run_task("other") end)
on("transfer", function(e) n.transfer = n.transfer + (e.finished and 1 or 0) host("web2"):write("f", "x") end)
on("group_start", function() n.group_start = n.group_start + 1 hosts("web1,web2"):run("true", { hide = true }) end)
on("run_end", function() print(n.task_end, n.transfer, n.group_start) end)
task("other", function() end)
task("main", { hosts = "web1" }, function(h) h:write("f", "x") hosts("web1,web2"):run("true", { hide = true }) end)`, "1 1 1"},
		"texts as they came": {`
on("output", function(e) print(#e.line, e.line == "caf\233", e.stream) end)
task("main", { hosts = "web1" }, function(h) h:run("printf 'caf\\351\\n'") end)`, `caf\xe9 4 true stdout`},
		"secrets stay secret": {`
on("command_start", function(e) print(e.command) end)
task("main", { hosts = "web1" }, function(h)
  local s = secret.new("hunter2!hunter2!")
  h:run("true " .. s:reveal(), { hide = true })
end)`, "true ***"},
	} {
		t.Run(name, func(t *testing.T) {
			x := play(t, c.script)
			if got, want := x.line(), strings.Join(strings.Fields(c.want), " "); got != want {
				t.Errorf("got  %s\nwant %s\n%s", got, want, x.err)
			}
		})
	}
}

func TestErrorsInHandlers(t *testing.T) {
	x := play(t, `on("run_end", function() error("boom") end)
on("run_end", function() print("next") end)
task("main", function() end)`)
	if x.code != 0 || x.out != "next\n" || !strings.Contains(x.err, "warning: fab.lua:1: on run_end: boom") {
		t.Error(x.code, x.out, x.err)
	}
}

// Thousands of events while handlers print: nothing waits for itself, and all
// of them are handled in their order.
func TestManyEvents(t *testing.T) {
	x := play(t, `
local lines, wrong = 0, 0
on("output", function(e)
  lines = lines + 1
  if tonumber(e.line) ~= lines then wrong = wrong + 1 end
  if lines % 1000 == 0 then print("at " .. lines) end
end)
on("run_end", function() print("lines " .. lines .. " wrong " .. wrong) end)
task("main", { hosts = "web1" }, function(h) h:run("seq 20000") end)`)
	if !strings.Contains(x.out, "lines 20000 wrong 0") {
		t.Error(x.out[max(0, len(x.out)-1000):], x.err)
	}
}

// A handler that hangs does not hold up the end of an interrupted run for long.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r, out, _ := open(t, ctx)
	path := t.TempDir() + "/done"
	err := r.Evaluate(fmt.Sprintf(`
on("print", function() host("web1"):run("touch %s; sleep 1000") end)
print("x")
while not fs.exists(%q) do time.sleep(0.01) end`, path, path), "fab.lua", nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel(fault.New(fault.Cancelled, "interrupted"))
	began := time.Now()
	r.Close()
	if took := time.Since(began); took > 30*time.Second { // it has 5 seconds; the rest is a slow machine's
		t.Errorf("%s: %s", took, out.String())
	}
}

// BenchmarkCommand shows what hooks and handlers cost where there are none, and
// where there are.
func BenchmarkCommand(b *testing.B) {
	for _, c := range []struct{ name, script string }{
		{"without", ``},
		{"hook of other commands", `before("command", "^never", function() end)`},
		{"hook", `before("command", function() end)`},
		{"handler of other events", `on("host_state", function() end)`},
		{"handler", `on("command_end", function() end)`},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, _, _ := open(b, b.Context())
			defer r.Close()
			if err := r.Evaluate(c.script+"\nlocal h = host('local') h:run(':', { hide = true })", "fab.lua", nil); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			script := fmt.Sprintf(`local h = host("web1") for i = 1, %d do h:run(":", { hide = true }) end`, b.N)
			if err := r.Evaluate(script, "fab.lua", nil); err != nil {
				b.Fatal(err)
			}
		})
	}
}

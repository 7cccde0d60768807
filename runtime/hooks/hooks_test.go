package hooks_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// told is what a run of a fabfile left.
type told struct {
	out, err string // without the folder of the fabfile
	code     int
}

// line is the output in one line, without the names of hosts in front.
func (x told) line() string {
	text := x.out
	for _, name := range []string{"web1", "web2"} {
		text = strings.ReplaceAll(text, name+" | ", "")
	}
	return strings.Join(strings.Fields(text), " ")
}

// play runs a task "main" of a fabfile on embedded hosts.
func play(t testing.TB, script string) told {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "fab.lua")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	r, out, errs := open(t, t.Context())
	results, err := []event.HostResult(nil), r.Load(path, nil)
	if err == nil {
		calls, parseErr := r.Tasks.Parse([]string{"main"})
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		results, err = r.Do(calls)
	}
	if err != nil {
		r.Problem(err)
	}
	code := r.ExitCode(results, err)
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
	r.Close()
	clean := strings.NewReplacer(dir+"/", "")
	return told{out: clean.Replace(out.String()), err: clean.Replace(errs.String()), code: code}
}

func open(t testing.TB, ctx context.Context) (r *run.Run, out, errs *testenv.Buffer) {
	t.Helper()
	w := world.Process()
	out, errs = &testenv.Buffer{}, &testenv.Buffer{}
	w.In, w.Out, w.Err = bytes.NewReader(nil), out, errs
	r, err := run.Open(ctx, run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Forks: 1,
		Sandbox: run.SandboxOptions{On: true, Count: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, out, errs
}

// Each script prints what happens; the lines are compared in their order.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"the first declared is outermost": {`
before("task", function() print("b1") end)
around("task", function(v, run) print("in1") run() print("out1") end)
after("task", function() print("a1") end)
around("task", function(v, run) print("in2") run() print("out2") end)
before("task", function() print("b2") end)
task("main", function() print("work") end)`, "b1 in1 in2 b2 work out2 a1 out1"},
		"names and hosts choose": {`
before("task", "ma*", function() print("glob") end)
before("task", "other, main", function() print("list") end)
before("task", "x", function() print("no") end)
before("task", { hosts = "web1" }, function(v) print("on", v.host.name) end)
before("task", "main", { hosts = "web2" }, function(v) print("two", v.host.name) end)
task("main", { hosts = "web1, web2" }, function(h) end)`, "glob list on\tweb1 glob list two\tweb2"},
		"needed tasks are hooked too": {`
before("task", function(v) print(v.task) end)
task("first", function() end)
task("main", { needs = { "first" } }, function() end)`, "first main"},
		"arguments are a copy": {`
before("task", function(v) v.args.n = 99 v.task = "x" end)
task("main", { args = { n = 1 } }, function(_, a) print(a.n) end)`, "1"},
		"after hears of failure": {`
after("task", function(v) print(v.state, v.error.message, v.duration >= 0) end)
task("main", function() error("boom") end)`, "failed\tboom\ttrue"},
		"what is around may catch": {`
around("task", function(v, run) print(pcall(run)) end)
task("main", function() error{ kind = "denied", message = "no" } end)`, "false\tfab.lua:3: no"},
		"what is around may leave out": {`
around("task", function(v, run) print("instead") end)
task("main", function() print("work") end)`, "instead"},
		"a run and its end": {`
before("run", function(r) print(r.file:match("[^/]+$"), table.concat(r.tasks, ","), table.concat(r.hosts, ",")) end)
around("run", function(r, go) local states = go() print(states.web1, states.web2) end)
after("run", function(r) print(r.state, r.states.web1, r.states.web2) end)
task("main", { hosts = "web1, web2" }, function(h) if h.name == "web2" then error("boom") end end)`,
			"fab.lua\tmain\tweb1,web2 failed\tok\tfailed ok\tfailed"},
		"commands": {`
before("command", "^echo", function(c) print("before", c.command, c.host.name, c.cwd, c.sudo) end)
after("command", function(c) print("after", c.code, c.ok, c.state, #c.result.stdout) end)
task("main", { hosts = "web1" }, function(h)
  h:with{ cwd = "/" }:run("echo hi", { hide = true })
  h:run("exit 3", { check = false })
end)`, "before\techo hi\tweb1\t/\tfalse after\t0\ttrue\tok\t3 after\t3\tfalse\tfailed\t0"},
		"a hook answers for a command": {`
around("command", "^restart", function(c, run) return { stdout = "as if\n" } end)
around("command", "^count", function(c, run) local r = run() r.stdout = r.stdout .. "more" return r end)
around("command", "^fail", function() return { code = 4, stderr = "bad" } end)
task("main", { hosts = "web1" }, function(h)
  local quiet = { hide = true }
  print(h:run("restart x").stdout, h:run("count=one; echo $count", quiet).stdout)
  print(select(2, pcall(h.run, h, "fail")).result.stderr, h:run("fail", { check = false }).code)
end)`, "as if\n\tone\nmore bad\t4"},
		"commands of command hooks call no hooks": {`
local n = 0
before("command", function(c) n = n + 1 c.host:run("true") end)
task("main", { hosts = "web1" }, function(h) h:run("true") h:run("true") print(n) end)`, "2"},
		"groups as well": {`
local n = {}
after("command", function(c) n[#n + 1] = c.host.name end)
task("main", function() hosts("web1, web2"):run("true") print(table.concat(n, " ")) end)`, "web1 web2"},
		"connections": {`
before("connect", "web1", function(c) print("before", c.host, c.transport) end)
after("connect", function(c) print("after", c.host, c.state) end)
around("connect", function(c, go) go() print("made") end)
task("main", { hosts = "web1" }, function(h) h:run("true") h:run("true") end)`,
			"before\tweb1\tssh made after\tweb1\tok"},
	} {
		t.Run(name, func(t *testing.T) {
			x := play(t, c.script)
			if got, want := x.line(), strings.Join(strings.Fields(c.want), " "); got != want {
				t.Errorf("got  %s\nwant %s\n%s", got, want, x.err)
			}
		})
	}
}

// An error in a hook is one of what it is around, with the place of the hook.
func TestErrorsInHooks(t *testing.T) {
	for script, want := range map[string]string{
		`before("task", function() error("boom") end)`:                                         "fab.lua:1: web1: before task: boom",
		`after("task", function() error("boom") end)`:                                          "fab.lua:1: web1: after task: boom",
		`around("task", function(v, run) run() error("boom") end)`:                             "fab.lua:1: web1: around task: boom",
		`around("task", function(v, run) run() run() end)`:                                     "once only",
		`before("command", function() error("boom") end)`:                                      "fab.lua:1: web1: before command: boom",
		`around("command", function() end)`:                                                    "it neither ran the command nor gave a result",
		`around("command", function() return 7 end)`:                                           "a result is a table",
		`around("command", function() return { stdut = "" } end)`:                              `unknown key "stdut" of a result (did you mean "stdout"?)`,
		`around("command", function() return { code = "x" } end)`:                              "code of a result: unexpected x",
		`before("connect", function() error("boom") end)`:                                      "before connect: boom",
		`before("connect", function() host("web1"):run("true") end)`:                           "the connection of web1 is not there yet",
		`around("connect", function() end)`:                                                    "it did not connect",
		`before("task", { hosts = "@nogroup" }, function() end)`:                               `nogroup`,
		"inventory{ web = { 'web1' } }\nbefore('command', { hosts = '@wbe' }, function() end)": `no group "wbe"`,
	} {
		x := play(t, script+"\ntask('main', { hosts = 'web1' }, function(h) h:run('true') end)")
		if x.code == 0 || !strings.Contains(x.err, want) || !strings.Contains(x.err, "error: fab.lua:") {
			t.Errorf("%s: exit %d, got %s\nwant %s", script, x.code, x.err, want)
		}
	}
}

// Before a run that a hook refuses, nothing is done; every host has its state.
func TestRefusedRun(t *testing.T) {
	x := play(t, `before("run", function() error("the change is frozen") end)
task("main", { hosts = "web1, web2" }, function() print("work") end)`)
	if x.code != world.ExitFailed || x.out != "" || !strings.Contains(x.err, "before run: the change is frozen") ||
		!strings.Contains(x.err, "2 skipped") {
		t.Errorf("exit %d: %s%s", x.code, x.out, x.err)
	}
}

// When the work and what comes after fail, the work's own error counts.
func TestBothFail(t *testing.T) {
	x := play(t, `after("task", function() error("second") end)
task("main", function() error("first") end)`)
	if !strings.Contains(x.err, "error: fab.lua:2: first") || !strings.Contains(x.err, "warning: fab.lua:1: after task: second") {
		t.Error(x.err)
	}
}

// What comes after a task that ran out of time can still do something.
func TestAfterATimeout(t *testing.T) {
	x := play(t, `after("task", function(v) print(v.state) v.host:run("echo cleaned") end)
task("main", { hosts = "web1", timeout = 0.3 }, function(h) h:run("sleep 60") end)`)
	if x.line() != "timeout cleaned" {
		t.Error(x.out, x.err)
	}
}

func TestMistakes(t *testing.T) {
	for script, want := range map[string]string{
		`before("tusk", function() end)`:                      `"tusk" is not one of task, command, connect, run`,
		`before("task")`:                                      `missing argument "body"`,
		`before("task", "[", function() end)`:                 "is not a pattern of names",
		`before("command", "(", function() end)`:              "missing closing )",
		`before("run", "x", function() end)`:                  "nothing is chosen by a pattern here",
		`before("task", "x", { task = "y" }, function() end)`: "nothing is chosen by a pattern here",
		`before("run", { hosts = "web1" }, function() end)`:   "hosts: a run is one",
		`before("task", { command = "x" }, function() end)`:   "command: only hooks of commands",
		`before("command", { task = "x" }, function() end)`:   "task: only hooks of tasks",
		`on("host_sate", function() end)`:                     `there is no event "host_sate" (did you mean "host_state"?)`,
	} {
		r, _, _ := open(t, t.Context())
		err := r.Evaluate(script, "fab.lua", nil)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", script, err, want)
		}
		r.Close()
	}
}

package extend_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/run"
)

// show runs a fabfile with -o FORMAT.
func show(t *testing.T, format, script string) (out, errs string, failed error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fab.lua")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	r, o, e := open(t, t.Context(), func(o *run.Options) { o.Format = format })
	err := r.Load(path, nil)
	if err == nil && len(r.Tasks.All()) > 0 {
		calls, parseErr := r.Tasks.Parse([]string{"main"})
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		_, err = r.Do(calls)
	}
	if err != nil {
		r.Problem(err)
	}
	finished := r.Finish()
	r.Close()
	if err == nil {
		err = finished
	}
	return o.String(), e.String(), err
}

const lines = `
print("before it is declared")
renderer("lines", {
  start = function() print("start") end,
  event = function(e) print(e.event, e.text and e.text:match("[^\n]*") or e.state) log.info("unheard") host("local"):run("echo unheard") end,
  finish = function() io.write("finish", "\n") end,
})
on("task_end", function() print("a handler") end)
task("main", function() print("work") end)`

// Everything since the beginning is shown, in order; what the renderer does
// itself is not.
func TestRenderer(t *testing.T) {
	_, _, _ = show(t, "text", `task("main", function() end)`) // what stays for the life of the process is there now
	testenv.Goroutines(t)
	out, errs, err := show(t, "lines", lines)
	want := "start\nprint\tbefore it is declared\nrun_start\tnil\ntask_start\tnil\nprint\twork\ntask_end\tok\n"
	if err != nil || errs != "" || !strings.HasPrefix(out, want) || !strings.HasSuffix(out, "finish\n") ||
		!strings.Contains(out, "print\ta handler\n") || strings.Contains(out, "unheard") {
		t.Errorf("%v %s\n%s", err, errs, out)
	}
}

func TestRendererMistakes(t *testing.T) {
	for name, c := range map[string]struct{ format, script, want string }{
		"unknown":       {"lnes", lines, `there is no format "lnes" (did you mean "lines"?)`},
		"fails":         {"x", `renderer("x", { event = function() error("boom") end }) print("y")`, "fab.lua:1: boom"},
		"fails at last": {"x", `renderer("x", { finish = function() error("boom") end })`, "fab.lua:1: boom"},
		"empty":         {"x", `renderer("x", {})`, "a renderer has event or finish"},
		"built in":      {"x", `renderer("json", { finish = function() end })`, `there is a renderer "json" already`},
		"not loaded":    {"x", `error("the fabfile fails")`, "the fabfile fails"},
	} {
		out, errs, err := show(t, c.format, c.script)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s\n%s%s", name, err, c.want, out, errs)
		}
		if name == "not loaded" && !strings.Contains(errs, "the fabfile fails") {
			t.Errorf("nothing is shown: %q", errs)
		}
	}
}

// A renderer that hangs does not hold up the end for ever, and one that is slow
// gets everything.
func TestSlowRenderers(t *testing.T) {
	began := time.Now()
	_, _, err := show(t, "x", `renderer("x", { event = function() while true do end end }) print("y")`)
	if err == nil || time.Since(began) > 60*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	out, _, err := show(t, "x", `
local n = 0
renderer("x", { event = function(e) n = n + 1 end, finish = function() print(n) end })
for i = 1, 5000 do print(i) end`)
	if err != nil || out != "5000\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// An interrupted run is still shown to its end.
func TestInterruptedRun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r, out, _ := open(t, ctx, func(o *run.Options) { o.Format = "x" })
	if err := r.Evaluate(`renderer("x", { event = function(e) io.write(e.text) end, finish = function() print("end") end })`, "fab.lua", nil); err != nil {
		t.Fatal(err)
	}
	r.Env.Events.Print("", "last words\n")
	cancel(fault.New(fault.Cancelled, "interrupted"))
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
	r.Close()
	if out.String() != "last words\nend\n" {
		t.Errorf("%q", out.String())
	}
}

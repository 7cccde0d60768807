package run_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/run"
	"gofab/runtime/task"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// alarm is an output that says when it sees a word.
type alarm struct {
	testenv.Buffer
	word string
	seen chan struct{}
}

func (a *alarm) Write(p []byte) (int, error) {
	n, err := a.Buffer.Write(p)
	if strings.Contains(a.String(), a.word) {
		select {
		case <-a.seen:
		default:
			close(a.seen)
		}
	}
	return n, err
}

// fabfile opens a run of a script with embedded hosts.
func fabfile(t testing.TB, ctx context.Context, out io.Writer, script string, change ...func(*run.Options)) *run.Run {
	t.Helper()
	w := world.Process()
	w.In, w.Out, w.Err = strings.NewReader(""), out, out
	o := run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Forks: 32,
		Sandbox: run.SandboxOptions{On: true},
	}
	for _, f := range change {
		f(&o)
	}
	r, err := run.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Evaluate(script, "fabfile.lua", nil); err != nil {
		r.Close()
		t.Fatal(err)
	}
	return r
}

func do(t testing.TB, r *run.Run, words ...string) []event.HostResult {
	t.Helper()
	calls, err := r.Tasks.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	results, err := r.Do(calls)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// Wherever a run waits, the end of its context ends it: every host has a state,
// and nothing is left behind.
func TestInterruptsWhileWaiting(t *testing.T) {
	fabfile(t, t.Context(), io.Discard, "").Close() // what a process starts once is no leak
	for name, declared := range map[string]string{
		"pause":    `task("t", { hosts = W, rolling = 1, pause = "1h", gate = function() print("HERE") end }, function() end)`,
		"gate":     `task("t", { hosts = W, rolling = 1, gate = function() print("HERE") wait_for({ timeout = "1h" }, function() end) end }, function() end)`,
		"busy":     `task("t", { hosts = W, rolling = 1, gate = function() print("HERE") while true do end end }, function() end)`,
		"rollback": `task("t", { hosts = W, rolling = 1, gate = function() return false end, rollback = function() print("HERE") wait_for({ timeout = "1h" }, function() end) end }, function() end)`,
		"limit":    `task("t", { hosts = W }, function(h) limit("x", 1, function() print("HERE") h:run("sleep 600") end) end)`,
		"limits":   `task("t", { hosts = W, limit = { "x", 1 } }, function(h) print("HERE") h:run("sleep 600") end)`,
		"once":     `task("t", { hosts = W }, function(h) once("x", function() print("HERE") h:run("sleep 600") end) end)`,
		"run_once": `task("t", { hosts = W, run_once = true, strategy = "free" }, function(h) print("HERE") h:run("sleep 600") end)`,
		"retry":    `task("t", { hosts = W }, function(h) retry({ delay = "1h" }, function() print("HERE") error("no") end) end)`,
		"wait_for": `task("t", { hosts = W }, function(h) wait_for({ timeout = "1h", interval = "1h" }, function() print("HERE") end) end)`,
		"run_task": `task("u", { hosts = W }, function(h) print("HERE") h:run("sleep 600") end) task("t", function() run_task("u") end)`,
		"group":    `task("t", function() hosts(W):each({ rolling = 1, pause = "1h" }, function(h) print("HERE") end) end)`,
		"free":     `task("u", { hosts = W }, function() print("HERE") end) task("t", { hosts = W, needs = { "u" }, strategy = "free" }, function(h) h:run("sleep 600") end)`,
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Goroutines(t)
			ctx, end := context.WithCancelCause(t.Context())
			defer end(nil)
			out := &alarm{word: "HERE", seen: make(chan struct{})}
			r := fabfile(t, ctx, out, `W = "web[1-4]"`+"\n"+declared)
			go func() {
				<-out.seen
				end(fault.New(fault.Cancelled, "interrupted by a test"))
			}()
			results := do(t, r, "t")
			code := r.ExitCode(results, nil)
			r.Close()
			for _, h := range results {
				if !slices.Contains(event.States, h.State) || h.State.Bad() && name != "rollback" {
					t.Errorf("%s ended %q: %v", h.Host, h.State, h.Error)
				}
			}
			if !slices.ContainsFunc(results, func(h event.HostResult) bool { return h.State == event.Cancelled }) {
				t.Errorf("nothing was cancelled: %v", results)
			}
			if len(results) != 4 && len(results) != 1 || code != world.ExitInterrupted {
				t.Errorf("%d hosts, exit code %d\n%s", len(results), code, out)
			}
		})
	}
}

// Generated plans of tasks over hosts that fail where they are told to: every
// host ends in the state that its own fate and the options give it.
func TestRandomPlans(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 5))
	for range 50 {
		const hosts = 9
		fates := [2][]string{}
		var lua strings.Builder
		for at := range fates {
			fmt.Fprintf(&lua, "fate%d = {", at)
			for i := range hosts {
				fate := []string{"ok", "ok", "ok", "ok", "failed", "timeout", "skipped"}[random.IntN(7)]
				fates[at] = append(fates[at], fate)
				fmt.Fprintf(&lua, "web%d = %q,", i+1, fate)
			}
			lua.WriteString("}\n")
		}
		strategy := []string{"linear", "free"}[random.IntN(2)]
		keepGoing := random.IntN(2) == 0
		fmt.Fprintf(&lua, `
local function meet(fate) if fate ~= "ok" then error { kind = fate, message = fate } end end
task("first", { hosts = "web[1-%d]", keep_going = %v }, function(h) meet(fate0[h.name]) end)
task("second", { hosts = "web[1-%d]", needs = { "first" }, strategy = %q, rolling = { %d, "50%%" }, max_fail = 100, forks = %d },
  function(h) meet(fate1[h.name]) end)`, hosts, keepGoing, hosts, strategy, 1+random.IntN(3), 1+random.IntN(4))
		r := fabfile(t, t.Context(), io.Discard, lua.String())
		for i, h := range do(t, r, "second") {
			want := fates[0][i]
			if goesOn := keepGoing && want != "skipped"; want == "ok" || goesOn && fates[1][i] != "ok" && fates[1][i] != "skipped" {
				want = fates[1][i]
			}
			if string(h.State) != want {
				t.Fatalf("%s ended %s, want %s\n%s", h.Host, h.State, want, lua.String())
			}
		}
		r.Close()
	}
}

// What the command line says holds for tasks that say nothing, and for no
// others.
func TestFlagsAndTasks(t *testing.T) {
	script := `
B = 0
task("plain", { hosts = "web[1-4]" }, function() end)
task("own", { hosts = "web[1-4]", rolling = 4, gate = function() B = B + 1 end }, function() end)`
	out := &testenv.Buffer{}
	r := fabfile(t, t.Context(), out, script, func(o *run.Options) {
		if err := o.Fan.Rolling.FromLua(2.0); err != nil {
			t.Fatal(err)
		}
		o.Fan.Strategy = task.Free
		o.Fan.OnUnreachable = host.Skip
	})
	do(t, r, "plain", "own")
	r.Close()
	for _, want := range []string{"plain: batch 1 of 2: web[1-2], 2 hosts left", "plain: batch 2 of 2"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out.String(), "own: batch") {
		t.Errorf("own was cut into batches\n%s", out)
	}
}

// BenchmarkTask is what one task costs on each of 10,000 hosts, beside what it
// does there.
func BenchmarkTask(b *testing.B) {
	const hosts = 10_000
	for name, options := range map[string]string{
		"linear": ``, "rolling": `, rolling = { 1, "10%" }`, "free": `, strategy = "free"`, "limit": `, limit = { "x", 8 }`,
	} {
		b.Run(name, func(b *testing.B) {
			script := fmt.Sprintf(`task("t", { hosts = "h[1-%d]"%s }, function() end)`, hosts, options)
			r := fabfile(b, b.Context(), io.Discard, script, func(o *run.Options) { o.Verbosity = event.Quiet })
			defer r.Close()
			before := cpu()
			for b.Loop() {
				do(b, r, "t")
			}
			b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N)/hosts, "cpu-ns/host")
		})
	}
}

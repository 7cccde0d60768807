package task

import (
	"context"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

const runTaskExample = `task("greet", { hosts = "web1, web2", args = { name = "you" } }, function(h, a)
  return "hello " .. a.name .. " from " .. h.name
end)
local r = run_task("greet", { name = "Ann" })
assert(r.values.web2 == "hello Ann from web2")
assert(#run_task("greet", {}, { hosts = "web3" }).ok == 1)
assert(results_of("greet").values.web3 == "hello you from web3")`

func composition() []kit.Func {
	return []kit.Func{
		kit.Fn("run_task", "Run a task from a script or from another task, with what it needs and its post tasks, and give the results. "+
			"Raises when a host fails. Every call runs it, also when it has run before.", runTask).With(runTaskExample),
		kit.Fn("results_of", "Give the results of a task of this run, by its last call: values are what its function returned. "+
			"nil before it has begun.", resultsOf),
	}
}

type runnerKey struct{}

// Install tells tasks that run other tasks how a runner is made.
func Install(env *kit.Env, runner func() *Runner) {
	kit.SharedValue(env.Shared, runnerKey{}, func() func() *Runner { return runner })
}

func runnerOf(env *kit.Env) *Runner {
	return kit.SharedValue(env.Shared, runnerKey{}, func() func() *Runner { panic("task: the run has no runner") })()
}

type runTaskArgs struct {
	Task  string         `lua:"task,arg1" doc:"Name of the task."`
	Args  map[string]any `lua:"args,arg2" default:"" doc:"Arguments by name."`
	Hosts string         `lua:"hosts" default:"" doc:"Target expression in place of the task's own hosts; those of what it needs stay."`
	All   bool           `lua:"all" default:"false" doc:"Do not raise when some hosts fail: look at the results."`
}

// deepest bounds tasks that run tasks; one that runs itself is a mistake.
const deepest = 16

type depthKey struct{}

func runTask(c *kit.Call, a runTaskArgs) (*host.Results, error) {
	depth, _ := c.Context.Value(depthKey{}).(int)
	if depth >= deepest {
		return nil, fault.New(fault.Usage, "task %s is run %d tasks deep: does one of them run itself?", a.Task, depth)
	}
	t, err := SetOf(c.Env).Find(a.Task)
	if err != nil {
		return nil, err
	}
	call, err := t.CallWith(a.Args)
	if err != nil {
		return nil, err
	}
	steps, err := SetOf(c.Env).Plan([]Call{call})
	if err != nil {
		return nil, err
	}
	runner := runnerOf(c.Env)
	targets, err := runner.Targets(steps)
	if err == nil && a.Hosts != "" {
		err = retarget(c, t, steps, targets, a.Hosts)
	}
	if err != nil {
		return nil, err
	}
	ended := runner.Run(context.WithValue(c.Context, depthKey{}, depth+1), steps, targets)
	r := runner.collect(call, ended)
	if a.All {
		return r, nil
	}
	return r, r.Failure()
}

// retarget gives a task other hosts.
func retarget(c *kit.Call, t *Task, steps []Step, targets [][]*inventory.Host, expr string) error {
	hosts, err := inventory.Of(c.Env).Select(c.Context, expr)
	for i, step := range steps {
		if step.Task == t {
			targets[i] = hosts
		}
	}
	return err
}

// collect makes the results of a call: how all hosts ended, and what its task
// gave on each.
func (r *Runner) collect(c Call, ended []event.HostResult) *host.Results {
	var handles []*host.Handle
	for _, h := range ended {
		handles = append(handles, r.known[h.Host])
	}
	results := r.Hosts.NewResults(handles)
	for _, h := range ended {
		results.Set(h.Host, h.State, r.gave[c.key()].Value(h.Host), h.Error)
	}
	results.SetStopped(r.Stop)
	return results
}

type resultsArgs struct {
	Task string `lua:"task,arg1" doc:"Name of the task."`
}

func resultsOf(c *kit.Call, a resultsArgs) (*host.Results, error) {
	t, err := SetOf(c.Env).Find(a.Task)
	if err != nil {
		return nil, err
	}
	return LedgerOf(c.Env).of(t), nil
}

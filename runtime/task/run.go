package task

import (
	"context"
	"slices"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

// Runner runs planned steps over hosts.
type Runner struct {
	Events *event.Stream
	Select func(expr string) ([]*inventory.Host, error) // what a target expression means in this run
	Handle func(*inventory.Host) any                    // the Lua object of a host
	Forks  int                                          // hosts at once
	Around []Around                                     // outermost first

	mu      sync.Mutex
	done    map[visit]bool
	results map[string]*event.HostResult
	order   []string
}

// visit is one task on one host.
type visit struct {
	task *Task
	host string
}

// Visit is one task on one host with its arguments.
type Visit struct {
	Step
	Host *inventory.Host
}

// Around is work around every visit, such as a journal or the script's hooks.
// It calls run at most once, or leaves it out; the error that it returns is how
// the visit ended.
type Around func(ctx context.Context, v Visit, run func(context.Context) error) error

// Targets lists the hosts of each step, so that a mistake in an expression is
// found before anything runs.
func (r *Runner) Targets(steps []Step) ([][]*inventory.Host, error) {
	targets := make([][]*inventory.Host, len(steps))
	for i, step := range steps {
		expr := step.Task.Hosts
		if expr == "" {
			expr = inventory.LocalName
		}
		hosts, err := r.Select(expr)
		if err != nil {
			e := fault.From(err)
			e.Op, e.Where = "task "+step.Task.Name, step.Task.Where
			return nil, e
		}
		targets[i] = hosts
	}
	return targets, nil
}

// Run runs the steps in order, each over its hosts, and tells how every host
// ended. A host that failed takes part in nothing more; when this machine
// fails, the rest of the run is skipped, since the steps build on each other.
func (r *Runner) Run(ctx context.Context, steps []Step, targets [][]*inventory.Host) []event.HostResult {
	r.done, r.results = map[visit]bool{}, map[string]*event.HostResult{}
	stopped := false
	for i, step := range steps {
		if stopped || ctx.Err() != nil {
			r.skip(ctx, targets[i])
			continue
		}
		r.step(ctx, step, r.pending(step.Task, targets[i]))
		local := r.results[inventory.LocalName]
		stopped = local != nil && local.State != event.OK
	}
	return r.report()
}

// pending leaves out the hosts that have done the task or have failed.
func (r *Runner) pending(t *Task, hosts []*inventory.Host) []*inventory.Host {
	var list []*inventory.Host
	for _, h := range hosts {
		if result := r.results[h.Name]; result != nil && result.State != event.OK {
			continue
		}
		if v := (visit{t, h.Name}); !r.done[v] {
			r.done[v] = true
			list = append(list, h)
		}
	}
	return list
}

// step runs one task on its hosts, some at a time.
func (r *Runner) step(ctx context.Context, step Step, hosts []*inventory.Host) {
	workers := r.workers(step.Task, len(hosts))
	queue := make(chan *inventory.Host, len(hosts))
	for _, h := range hosts {
		r.note(h.Name) // summaries keep the order of the inventory
		queue <- h
	}
	close(queue)
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			halted := false
			for h := range queue {
				if halted {
					r.set(h.Name, event.Skipped, nil)
					continue
				}
				state := r.one(ctx, step, h)
				halted = step.Task.Serial && state != event.OK
			}
		}()
	}
	wg.Wait()
}

func (r *Runner) workers(t *Task, hosts int) int {
	forks := r.Forks
	if t.Forks > 0 {
		forks = t.Forks
	}
	if t.Serial {
		forks = 1
	}
	return min(max(forks, 1), hosts)
}

// one runs a task on one host.
func (r *Runner) one(ctx context.Context, step Step, h *inventory.Host) event.State {
	if ctx.Err() != nil {
		r.set(h.Name, event.Cancelled, nil)
		return event.Cancelled
	}
	ctx, end := context.WithCancel(kit.WithHost(ctx, shownHost(h)))
	defer end() // of what the task has started and left open, such as dialogues
	if limit := step.Task.Timeout; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit,
			fault.New(fault.Timeout, "task %s took longer than %s", step.Task.Name, limit))
		defer cancel()
	}
	began := time.Now()
	r.Events.Emit(event.TaskStart{Task: step.Task.Name, Host: shownHost(h)})
	err := r.visit(ctx, Visit{step, h})
	state := host.StateOf(err)
	r.Events.Emit(event.TaskEnd{
		Task: step.Task.Name, Host: shownHost(h), State: state,
		Duration: event.Seconds(time.Since(began)), Error: event.Fail(err),
	})
	r.set(h.Name, state, err)
	return state
}

// visit calls the body of a task with everything that is around it.
func (r *Runner) visit(ctx context.Context, v Visit) error {
	run := func(ctx context.Context) error {
		_, err := v.Task.Body.Call(ctx, r.Handle(v.Host), v.Values)
		return err
	}
	for _, around := range slices.Backward(r.Around) {
		inner := run
		run = func(ctx context.Context) error { return around(ctx, v, inner) }
	}
	return run(ctx)
}

// shownHost is the host as events name it: this machine has no name.
func shownHost(h *inventory.Host) string {
	if h.Name == inventory.LocalName {
		return ""
	}
	return h.Name
}

func (r *Runner) skip(ctx context.Context, hosts []*inventory.Host) {
	state := event.Skipped
	if ctx.Err() != nil {
		state = event.Cancelled
	}
	for _, h := range hosts {
		if result := r.results[h.Name]; result == nil || result.State == event.OK {
			r.set(h.Name, state, nil)
		}
	}
}

func (r *Runner) note(host string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.results[host] == nil {
		r.order = append(r.order, host)
		r.results[host] = &event.HostResult{Host: host, State: event.OK}
	}
}

func (r *Runner) set(host string, state event.State, err error) {
	r.note(host)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[host].State, r.results[host].Error = state, err
}

// report lists how the hosts ended. This machine counts only where it was the
// only one or failed: it is not what a run is about.
func (r *Runner) report() []event.HostResult {
	results := make([]event.HostResult, 0, len(r.order))
	for _, host := range r.order {
		result := *r.results[host]
		if host == inventory.LocalName && result.State == event.OK && len(r.order) > 1 {
			continue
		}
		r.Events.Emit(event.HostState{Host: host, State: result.State, Error: event.Fail(result.Error)})
		results = append(results, result)
	}
	return results
}

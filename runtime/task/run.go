package task

import (
	"context"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/turn"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

// Runner runs planned steps over hosts.
type Runner struct {
	Events   *event.Stream
	Select   func(expr string) ([]*inventory.Host, error) // what a target expression means in this run
	Hosts    *host.Services
	Turns    *turn.Set
	Ledger   *Ledger  // of what all tasks gave
	Fan      host.Fan // what the command line says, for what tasks leave open
	Strategy string   // the same; "" is Linear
	Around   []Around // outermost first
	Stop     error    // why the run ended early, when a rollout stopped it

	mu      sync.Mutex
	results map[string]*outcome
	order   []string
	cells   map[string]*cell         // of tasks that run once
	gave    map[string]*host.Results // by step
	known   map[string]*host.Handle  // all hosts of the run
}

// outcome is how a host has fared so far.
type outcome struct {
	event.HostResult
	out bool // it takes part in nothing more
}

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
// fails, or a rollout stops, the rest of the run is skipped, since the steps
// build on each other.
func (r *Runner) Run(ctx context.Context, steps []Step, targets [][]*inventory.Host) []event.HostResult {
	r.results, r.cells, r.gave = map[string]*outcome{}, map[string]*cell{}, map[string]*host.Results{}
	r.known = map[string]*host.Handle{}
	for _, l := range r.legs(steps, targets) {
		if r.stopped() || ctx.Err() != nil {
			r.skip(ctx, l.hosts)
			continue
		}
		r.leg(ctx, l)
	}
	return r.report()
}

// stopped says that nothing more may begin.
func (r *Runner) stopped() bool {
	local := r.results[inventory.LocalName]
	return r.Stop != nil || local != nil && local.out
}

// skip leaves hosts out of a step.
func (r *Runner) skip(ctx context.Context, hosts []*inventory.Host) {
	state, err := event.Skipped, error(nil)
	switch {
	case ctx.Err() != nil:
		state = event.Cancelled
	case r.Stop != nil:
		err = fault.New(fault.Skipped, "left out: %s", fault.From(r.Stop).Text())
	default:
		err = fault.New(fault.Skipped, "left out: a task of this machine failed")
	}
	for _, h := range hosts {
		if !r.note(h.Name).out {
			r.set(h.Name, state, err, true)
		}
	}
}

// note gives what is known of a host, which is well as long as nothing else is
// said. Summaries keep the order in which hosts are noted.
func (r *Runner) note(name string) *outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.results[name] == nil {
		r.order = append(r.order, name)
		r.results[name] = &outcome{HostResult: event.HostResult{Host: name, State: event.OK}}
	}
	return r.results[name]
}

// set notes that a host is not well.
func (r *Runner) set(name string, state event.State, err error, out bool) {
	o := r.note(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	o.State, o.Error, o.out = state, err, out
}

// report lists how the hosts ended. This machine counts only where it was the
// only one or failed: it is not what a run is about.
func (r *Runner) report() []event.HostResult {
	results := make([]event.HostResult, 0, len(r.order))
	for _, name := range r.order {
		result := r.results[name].HostResult
		if name == inventory.LocalName && result.State == event.OK && len(r.order) > 1 {
			continue
		}
		results = append(results, result)
	}
	return results
}

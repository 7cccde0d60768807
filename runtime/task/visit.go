package task

import (
	"context"
	"slices"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// Visit is one task on one host with its arguments.
type Visit struct {
	Step
	Host  *inventory.Host
	Value *any // what the task gave; whoever leaves it out may say what it gave before
}

// Around is work around every visit, such as a journal or the script's hooks.
// It calls run at most once, or leaves it out; the error that it returns is how
// the visit ended.
type Around func(ctx context.Context, v Visit, run func(context.Context) error) error

// cell is the one turn of a task that runs once.
type cell struct {
	turn chan struct{} // held by who tries
	host string        // that did it; "" while nobody has
	err  error
}

// visit does a step on a host, or takes over what another host has done for all.
func (r *Runner) visit(ctx context.Context, step Step, h *host.Handle) host.Outcome {
	if !step.Task.RunOnce {
		return r.limited(ctx, step, h)
	}
	c := r.cell(step)
	if err := c.wait(ctx); err != nil {
		return host.Outcome{Err: err}
	}
	defer func() { <-c.turn }()
	switch {
	case c.host != "" && c.err == nil:
		return host.Outcome{}
	case c.host != "":
		return host.Outcome{Err: fault.New(fault.Skipped, "left out: %s runs once, and failed on %s", step.Task.Name, c.host)}
	}
	if err := h.Reach(ctx); err != nil {
		return host.Outcome{Err: err} // the next host tries
	}
	did := r.limited(ctx, step, h)
	switch state := host.StateOf(did.Err); {
	case state == event.Cancelled: // nobody has done it
	case state == event.Skipped || did.GoesOn:
		c.host = h.Name
	default:
		c.host, c.err = h.Name, did.Err
	}
	return did
}

// wait takes the turn.
func (c *cell) wait(ctx context.Context) error {
	defer transport.Away(ctx)()
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *Runner) cell(step Step) *cell {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := step.key()
	if r.cells[key] == nil {
		r.cells[key] = &cell{turn: make(chan struct{}, 1)}
	}
	return r.cells[key]
}

func (s Step) key() string { return Call{Task: s.Task, Values: s.Values}.key() }

// limited does a step on a host as soon as the task's limit allows.
func (r *Runner) limited(ctx context.Context, step Step, h *host.Handle) host.Outcome {
	if l := step.Task.Limit; l != nil {
		held, done, err := turnAt(ctx, r.Turns, l.Name, l.Most)
		if err != nil {
			return host.Outcome{Err: err}
		}
		defer done()
		ctx = held
	}
	err := r.one(ctx, step, h)
	return host.Outcome{Err: err, GoesOn: step.Task.KeepGoing && host.StateOn(h.Name, err).Bad()}
}

// one does a step on a host and tells of it.
func (r *Runner) one(ctx context.Context, step Step, h *host.Handle) error {
	shown := shownHost(h.Host)
	ctx, end := context.WithCancel(kit.WithHost(ctx, shown))
	defer end() // of what the task has started and left open, such as dialogues
	if limit := step.Task.Timeout; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit,
			fault.New(fault.Timeout, "task %s took longer than %s", step.Task.Name, limit))
		defer cancel()
	}
	began := time.Now()
	r.Events.EmitIn(ctx, event.TaskStart{Task: step.Task.Name, Host: shown})
	value, err := r.call(ctx, Visit{Step: step, Host: h.Host})
	state := host.StateOn(h.Name, err)
	r.Events.EmitIn(ctx, event.TaskEnd{
		Task: step.Task.Name, Host: shown, State: state,
		Duration: event.Seconds(time.Since(began)), Error: event.Fail(err),
	})
	r.gave[step.key()].Set(h.Name, state, value, err)
	return err
}

// call calls the body of a task with everything that is around it.
func (r *Runner) call(ctx context.Context, v Visit) (value any, err error) {
	run := func(ctx context.Context) error {
		values, err := v.Task.Body.Call(ctx, r.Hosts.Handle(v.Host), v.Values)
		if len(values) > 0 {
			value = values[0]
		}
		return err
	}
	for _, around := range slices.Backward(r.Around) {
		inner := run
		run = func(ctx context.Context) error { return around(ctx, v, inner) }
	}
	v.Value = &value
	err = run(ctx)
	return value, err
}

// shownHost is the host as events name it: this machine has no name.
func shownHost(h *inventory.Host) string {
	if h.Name == inventory.LocalName {
		return ""
	}
	return h.Name
}

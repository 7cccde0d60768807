package task

import (
	"context"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

// leg is the part of a run that is done batch by batch: one step, or the steps
// that belong to one rollout.
type leg struct {
	owner    *Task
	steps    []Step
	on       []map[string]bool // by step: the names of its hosts
	hosts    []*inventory.Host // of all steps
	fan      host.Fan
	strategy string
}

// legs cuts a run into its legs. Steps of one owner that follow each other
// belong together; a step of this machine is done once, and stands alone.
func (r *Runner) legs(steps []Step, targets [][]*inventory.Host) []*leg {
	var legs []*leg
	whole := r.whole()
	for i, step := range steps {
		owner := step.Owner
		if owner == nil && step.Task.joins() {
			owner = whole
		}
		if local(targets[i]) {
			owner = nil
		}
		if last := len(legs) - 1; owner == nil || last < 0 || legs[last].owner != owner {
			legs = append(legs, r.newLeg(step, owner))
		}
		legs[len(legs)-1].add(step, targets[i])
		for _, h := range targets[i] {
			r.known[h.Name] = r.Hosts.Handle(h)
		}
	}
	return legs
}

// whole is the owner of all steps where the command line says how the run as a
// whole is rolled out; nil when it does not.
func (r *Runner) whole() *Task {
	t := &Task{Fan: r.Fan, Strategy: r.Strategy}
	if t.rolls() || r.Fan.MaxFail != nil {
		return t
	}
	return nil
}

// joins says that a task says nothing itself of how its hosts are gone through.
func (t *Task) joins() bool {
	f := t.Fan
	return !t.rolls() && !f.Serial && f.Order == "" && f.MaxFail == nil && f.Pause == 0 && f.Gate.IsZero() && f.OnUnreachable == ""
}

func local(hosts []*inventory.Host) bool {
	return len(hosts) == 1 && hosts[0].Name == inventory.LocalName
}

func (r *Runner) newLeg(first Step, owner *Task) *leg {
	l := &leg{owner: owner}
	if owner == nil {
		owner = first.Task
	}
	l.fan, l.strategy = owner.Fan.Over(r.Fan), owner.Strategy
	if l.strategy == "" {
		l.strategy = r.Strategy
	}
	return l
}

func (l *leg) add(step Step, hosts []*inventory.Host) {
	on := make(map[string]bool, len(hosts))
	for _, h := range hosts {
		on[h.Name] = true
		if !l.has(h) {
			l.hosts = append(l.hosts, h)
		}
	}
	l.steps, l.on = append(l.steps, step), append(l.on, on)
}

func (l *leg) has(h *inventory.Host) bool {
	for _, on := range l.on {
		if on[h.Name] {
			return true
		}
	}
	return false
}

// title is what batches are announced with.
func (l *leg) title() string {
	if l.owner != nil && l.owner.Name != "" {
		return l.owner.Name
	}
	return l.steps[0].Task.Name
}

// leg takes the hosts that still take part through one leg.
func (r *Runner) leg(ctx context.Context, l *leg) {
	var handles []*host.Handle
	for _, h := range l.hosts {
		if !r.note(h.Name).out {
			handles = append(handles, r.known[h.Name])
		}
	}
	r.expect(l, handles)
	results := r.Hosts.FanOut(ctx, l.title(), handles, l.fan, r.works(l)...)
	for _, h := range results.Each() {
		if h.State != event.OK {
			r.set(h.Host, h.State, h.Error, !results.GoesOn(h.Host))
		}
	}
	for _, step := range l.steps {
		r.gave[step.key()].Fill(results)
	}
	if stop := results.Stopped(); stop != nil && !l.fan.Serial {
		r.stop(l, stop)
	}
}

// expect makes room for what the steps will give.
func (r *Runner) expect(l *leg, hosts []*host.Handle) {
	for i, step := range l.steps {
		var mine []*host.Handle
		for _, h := range hosts {
			if l.on[i][h.Name] {
				mine = append(mine, h)
			}
		}
		results := r.Hosts.NewResults(mine)
		r.gave[step.key()] = results
		r.Ledger.put(step.Task, results)
	}
}

// stop ends the run after this leg, and says why.
func (r *Runner) stop(l *leg, reason error) {
	e := *fault.From(reason)
	e.Op = "task " + l.title()
	r.Stop = &e
	r.Events.Emit(event.Problem{Error: event.Fail(&e)})
}

// works is what is done with a batch: linear one step after the other, free all
// steps host by host.
func (r *Runner) works(l *leg) []host.Work {
	works := make([]host.Work, len(l.steps))
	for i, step := range l.steps {
		works[i] = host.Work{
			Forks: forks(step.Task),
			On:    func(h *host.Handle) bool { return l.on[i][h.Name] },
			Do:    func(ctx context.Context, h *host.Handle) host.Outcome { return r.visit(ctx, step, h) },
		}
	}
	if l.strategy != Free {
		return works
	}
	return []host.Work{{Do: func(ctx context.Context, h *host.Handle) host.Outcome { return chain(ctx, h, works) }}}
}

// forks is how many hosts are in one task at a time. One that runs once takes
// them in their order, so that the first one does the work.
func forks(t *Task) int {
	if t.RunOnce || t.Fan.Serial {
		return 1
	}
	return t.Fan.Forks
}

// chain takes one host through all steps.
func chain(ctx context.Context, h *host.Handle, works []host.Work) host.Outcome {
	var first host.Outcome
	for _, work := range works {
		switch {
		case !work.On(h):
			continue
		case ctx.Err() != nil:
			return host.Outcome{Err: context.Cause(ctx)}
		}
		did := work.Do(ctx, h)
		if did.Err != nil && !did.GoesOn {
			if first.Err != nil && host.StateOf(did.Err) == event.Skipped {
				did.Err = first.Err // it failed before it was left out
			}
			return did
		}
		if first.Err == nil {
			first = did
		}
	}
	return first
}

package host

import (
	"cmp"
	"context"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/retry"
	"gofab/internal/rollout"
	"gofab/runtime/event"
)

// Fan says how several hosts are gone through, by a group or by a task.
type Fan struct {
	Forks         int             `lua:"forks" default:"0" doc:"Hosts at once; 0 takes --forks."`
	Serial        bool            `lua:"serial" default:"false" doc:"One host after the other; the first failure stops the rest."`
	Order         string          `lua:"order" default:"" enum:"inventory|reverse|random|sorted" doc:"Order in which hosts begin; without it that of the inventory."`
	Rolling       rollout.Sizes   `lua:"rolling" default:"" doc:"Sizes of batches that go one after the other: {1, \"10%\", \"50%\"}. The last one repeats; shares are of all hosts, and at least one host."`
	MaxFail       *rollout.Amount `lua:"max_fail" doc:"So many failures are tolerated, a number or a share such as \"5%\" (rounded down). One more, in whichever batch, and hosts that have not begun are skipped. Without it a batch in which no host is well stops the rest."`
	Pause         time.Duration   `lua:"pause" default:"0s" doc:"Wait between two batches."`
	Gate          kit.Callback    `lua:"gate" default:"" doc:"function(batch), called after each batch with number, total, hosts (a group), ok, failed, unreachable (names) and left (how many hosts follow). When it returns false, perhaps with a reason, or raises, the hosts that are left are skipped."`
	Rollback      kit.Callback    `lua:"rollback" default:"" doc:"function(batch, reason), called with the same batch when its gate is closed; its hosts then count as failed."`
	OnUnreachable string          `lua:"on_unreachable" default:"" enum:"fail|skip" doc:"What becomes of a host that cannot be reached when its turn begins: fail, which is the default, or skip, which is no failure."`
}

// Skip is the value of on_unreachable that excuses a host.
const Skip = "skip"

// Over gives the options with what they leave open taken from others.
func (f Fan) Over(others Fan) Fan {
	f.Forks = cmp.Or(f.Forks, others.Forks)
	f.Serial = f.Serial || others.Serial
	f.Order = cmp.Or(f.Order, others.Order)
	f.Pause = cmp.Or(f.Pause, others.Pause)
	f.OnUnreachable = cmp.Or(f.OnUnreachable, others.OnUnreachable)
	f.MaxFail = cmp.Or(f.MaxFail, others.MaxFail)
	if f.Rolling == nil {
		f.Rolling = others.Rolling
	}
	return f
}

// Check refuses options that would never have an effect.
func (f Fan) Check() error {
	if f.Forks < 0 {
		return fault.New(fault.Usage, "forks: at least one host at once, not %d", f.Forks)
	}
	if !f.Rollback.IsZero() && f.Gate.IsZero() {
		return fault.New(fault.Usage, "rollback: it is called when a gate is closed, and there is no gate")
	}
	return nil
}

// Work is what is done on each host of a fan-out, such as one task.
type Work struct {
	Forks int                // hosts at once; 0 is the fan-out's
	On    func(*Handle) bool // the hosts that it is for; nil is all
	Do    func(context.Context, *Handle) Outcome
}

// Outcome is what work gave on one host.
type Outcome struct {
	Value  any
	Err    error
	GoesOn bool // although it failed, the host takes part in what follows
}

// fanOut is one fan-out under way.
type fanOut struct {
	Fan
	title    string // what batches are announced with
	services *Services
	hosts    []*Handle // in the order in which they begin
	results  *Results
}

// FanOut goes through hosts, with all of a batch done with one work before the
// next one begins.
func (s *Services) FanOut(ctx context.Context, title string, hosts []*Handle, f Fan, works ...Work) *Results {
	o := &fanOut{Fan: f, title: title, services: s, results: s.NewResults(hosts)}
	o.hosts = append(o.hosts, hosts...)
	rollout.Arrange(o.hosts, f.Order, func(a, b *Handle) int { return hostrange.Compare(a.Name, b.Name) })
	plan := rollout.Plan{
		Forks: s.forks(f), Serial: f.Serial, Batches: f.Rolling, MaxFail: f.MaxFail, Pause: f.Pause, Sleep: o.pause, Begin: o.begin,
	}
	if !f.Gate.IsZero() {
		plan.Gate = o.gate
	}
	stages := make([]rollout.Stage, len(works))
	for i, work := range works {
		stages[i] = rollout.Stage{
			Forks: s.forks(Fan{Forks: cmp.Or(work.Forks, f.Forks)}),
			On:    func(at int) bool { return work.On == nil || work.On(o.hosts[at]) },
			Do:    func(ctx context.Context, at int) rollout.Ending { return o.one(ctx, work, o.hosts[at]) },
		}
	}
	o.settle(ctx, rollout.Run(ctx, len(hosts), plan, stages...))
	return o.results
}

// forks is how many hosts are worked on at once: no more than can be connected,
// else the time that they wait for a connection would count as theirs.
func (s *Services) forks(f Fan) int { return min(cmp.Or(f.Forks, s.Forks), s.Pool.Room()) }

// one does the work on one host and tells the engine how that ended.
func (o *fanOut) one(ctx context.Context, work Work, h *Handle) rollout.Ending {
	ctx, leave := o.services.Pool.Visit(ctx)
	defer leave()
	if o.OnUnreachable == Skip {
		if err := h.Reach(ctx); err != nil {
			o.results.Set(h.Name, event.Skipped, nil, err)
			return rollout.Out
		}
	}
	did := work.Do(ctx, h)
	state := StateOn(h.Name, did.Err)
	if result, ok := did.Value.(command.Result); ok && did.Err == nil && !result.OK {
		state = event.Failed
	}
	o.results.Set(h.Name, state, did.Value, did.Err)
	switch {
	case state == event.OK:
		return rollout.Well
	case state == event.Skipped:
		return rollout.Out
	case state == event.Cancelled:
		return rollout.Cancelled
	case did.GoesOn:
		return rollout.Flawed
	default:
		return rollout.Failed
	}
}

// Reach connects, and gives the error of a host that cannot be reached; what
// else goes wrong is left to the work. A dry run does not connect.
func (h *Handle) Reach(ctx context.Context) error {
	if h.scope.Dry {
		return nil
	}
	_, err := h.conn(ctx)
	if StateOf(err) == event.Unreachable {
		return err
	}
	return nil
}

// settle gives a state to the hosts that never had their turn.
func (o *fanOut) settle(ctx context.Context, r rollout.Result) {
	o.results.stop = r.Stop
	for i, ending := range r.Endings {
		name := o.hosts[i].Name
		switch {
		case ending == rollout.Flawed:
			o.results.flawed[name] = true
		case ending == rollout.Skipped:
			o.results.put(name, event.Skipped, fault.New(fault.Skipped, "left out: %s", fault.From(r.Stop).Text()))
		case ending == rollout.Cancelled && o.results.state(name) != event.Cancelled:
			o.results.put(name, event.Cancelled, fault.From(context.Cause(ctx)))
		}
	}
}

// pause waits for the next batch, and says so. A dry run has nothing to wait
// for.
func (o *fanOut) pause(ctx context.Context, d time.Duration) error {
	if o.hosts[0].scope.Dry {
		return nil
	}
	o.services.Events.EmitIn(ctx, event.Log{Level: event.Info, Text: "the next batch begins in " + inWords(d)})
	return retry.Sleep(ctx, d)
}

// inWords writes 1h, and not 1h0m0s.
func inWords(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// begin announces a batch.
func (o *fanOut) begin(b rollout.Batch) {
	if b.Total > 1 {
		group := Group{hosts: o.hosts[b.First:b.End]}
		o.services.Events.Emit(event.Batch{Task: o.title, Number: b.Number, Total: b.Total, Hosts: group.names(), Left: b.Left})
	}
}

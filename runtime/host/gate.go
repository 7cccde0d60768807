package host

import (
	"cmp"
	"context"
	"fmt"

	"gofab/internal/fault"
	"gofab/internal/rollout"
	"gofab/runtime/event"
)

// Batch is a batch as its gate sees it.
type Batch struct {
	Number      int      `lua:"number" doc:"Its number; the first is 1."`
	Total       int      `lua:"total" doc:"How many batches there are."`
	Hosts       *Group   `lua:"hosts" doc:"Its hosts."`
	OK          []string `lua:"ok" doc:"Names of its hosts that are well."`
	Failed      []string `lua:"failed" doc:"Names of its hosts that failed, timed out or were lost."`
	Unreachable []string `lua:"unreachable" doc:"Names of its hosts that could not be reached."`
	Left        int      `lua:"left" doc:"How many hosts follow."`
}

func (o *fanOut) batch(b rollout.Batch) Batch {
	g := &Group{services: o.services, hosts: o.hosts[b.First:b.End]}
	part := o.results.of(g.names())
	return Batch{
		Number: b.Number, Total: b.Total, Hosts: g, Left: b.Left,
		OK: part.in(event.OK), Failed: part.in(failedStates...), Unreachable: part.in(event.Unreachable),
	}
}

// gate asks the script whether the next batch may begin, and has it undo the
// last one when not. A host that was rolled back is not well.
func (o *fanOut) gate(ctx context.Context, b rollout.Batch) error {
	batch := o.batch(b)
	reason := verdict(o.Gate.Call(ctx, batch))
	switch {
	case reason == nil:
		return nil
	case ctx.Err() != nil:
		return reason
	}
	closed := fault.Wrap(fault.Failed, reason, "the gate after batch %d of %d is closed", b.Number, b.Total)
	closed.Where, closed.Trace, closed.Hint = cmp.Or(reason.Where, o.Gate.Where()), reason.Trace, reason.Hint
	if o.Rollback.IsZero() {
		return closed
	}
	how := "rolled back"
	if _, err := o.Rollback.Call(ctx, batch, reason.Text()); err != nil {
		how = "the rollback failed as well"
		closed.Cause = fmt.Errorf("%w; the rollback failed as well: %w", reason, err)
	}
	for _, name := range batch.OK {
		o.results.put(name, event.Failed, fault.New(fault.Failed, "%s: %s", how, closed.Text()))
	}
	return closed
}

// verdict is the reason for which a gate is closed: false, with or without a
// reason, or an error.
func verdict(answer []any, err error) *fault.Error {
	switch {
	case err != nil:
		return fault.From(err)
	case len(answer) == 0 || answer[0] != false:
		return nil
	case len(answer) > 1:
		return fault.New(fault.Failed, "%v", answer[1])
	default:
		return fault.New(fault.Failed, "it said false")
	}
}

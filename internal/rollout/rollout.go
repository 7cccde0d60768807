// Package rollout goes through many items, such as hosts, a few at a time: in
// batches, with a gate between them, until too many have failed.
//
// It knows nothing of what the items are. Rules it keeps:
//
//   - Every item ends in exactly one Ending, and the work of an item is done
//     before Run returns, whatever happens.
//   - Items begin in their order, never more at once than Forks.
//   - What was begun is finished: a limit or a closed gate stops items that have
//     not begun. Serial is stricter: its first failure stops all that is left.
//   - Where no limit says otherwise, a batch in which nothing went well stops
//     the rollout: the next one would only fail as well.
//   - The end of the context stops everything at once: pauses, gates, items.
package rollout

import (
	"context"
	"slices"
	"time"

	"gofab/internal/fault"
	"gofab/internal/retry"
)

// Ending is how one item ended.
type Ending int

const (
	// Well: the work is done.
	Well Ending = iota
	// Failed: the work failed; the item takes part in no later stage.
	Failed
	// Flawed: the work failed, and the item goes on with the next stage.
	Flawed
	// Out: the item leaves without having failed.
	Out
	// Skipped: it did not begin, or did not go on, since the rollout had stopped.
	Skipped
	// Cancelled: the context ended before its turn.
	Cancelled
)

// bad says that an ending counts against the limit of failures.
func (e Ending) bad() bool { return e == Failed || e == Flawed }

// Stage is work that all items of a batch do before the next stage begins.
type Stage struct {
	Forks int              // items at once; 0 is the plan's
	On    func(i int) bool // the items that it is for, each in one stage at least; nil is all
	// Do works on item i and says how that ended: Well, Failed, Flawed, Out
	// or Cancelled.
	Do func(ctx context.Context, i int) Ending
}

// Plan says how items are gone through. The zero value takes one at a time, in
// one batch, with no limit.
type Plan struct {
	Forks   int           // items at once, at least 1
	Serial  bool          // one item after the other; the first failure stops the rest
	Batches []Amount      // sizes of the batches; the last one repeats
	MaxFail *Amount       // so many failures are tolerated; nil is any number
	Pause   time.Duration // between two batches
	Begin   func(Batch)   // told before each batch
	// Sleep waits for the next batch, or until the context ends; nil is the real
	// one.
	Sleep func(context.Context, time.Duration) error
	// Gate is asked after each batch, the last one included. Its error closes the
	// rollout and is the reason.
	Gate func(context.Context, Batch) error
}

// Batch is a part of the items.
type Batch struct {
	Number, Total int // 1 of 3
	First, End    int // the items are First <= i < End
	Left          int // items after this batch
	Endings       []Ending
}

// Result is how a rollout ended.
type Result struct {
	Endings []Ending
	Stop    error // why it ended early; nil when it did not
}

// Run goes through n items with the stages of a plan.
func Run(ctx context.Context, n int, p Plan, stages ...Stage) Result {
	r := &runner{plan: p, stages: stages, endings: make([]Ending, n), begun: make([]bool, n)}
	if r.plan.Sleep == nil {
		r.plan.Sleep = retry.Sleep
	}
	if p.MaxFail != nil {
		r.tolerated = p.MaxFail.floor(n)
	}
	for _, b := range Batches(n, p.Batches) {
		if b.First > 0 {
			r.rest(ctx)
		}
		if r.stopped() != nil || ctx.Err() != nil {
			break
		}
		b.Endings = r.endings[b.First:b.End]
		r.batch(ctx, b)
	}
	r.leave(ctx)
	return Result{Endings: r.endings, Stop: r.stop}
}

// rest waits between two batches.
func (r *runner) rest(ctx context.Context) {
	if r.plan.Pause > 0 && r.stopped() == nil && ctx.Err() == nil {
		_ = r.plan.Sleep(ctx, r.plan.Pause) // the caller sees the end of the context
	}
}

// batch takes the items of one batch through all stages and asks the gate.
func (r *runner) batch(ctx context.Context, b Batch) {
	if r.plan.Begin != nil {
		r.plan.Begin(b)
	}
	for _, stage := range r.stages {
		r.wave(ctx, stage, b.First, b.End)
	}
	if r.stopped() != nil || ctx.Err() != nil {
		return
	}
	if r.plan.MaxFail == nil && b.Left > 0 && b.fruitless() {
		r.halt(fault.New(fault.Failed, "nothing in batch %d of %d went well", b.Number, b.Total))
		return
	}
	if r.plan.Gate == nil {
		return
	}
	reason := r.plan.Gate(ctx, b)
	if reason == nil || ctx.Err() != nil {
		return
	}
	r.halt(reason)
}

// fruitless says that items failed and none is well.
func (b Batch) fruitless() bool {
	return slices.ContainsFunc(b.Endings, Ending.bad) && !slices.Contains(b.Endings, Well)
}

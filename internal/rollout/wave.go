package rollout

import (
	"context"
	"sync"

	"gofab/internal/fault"
)

// runner is one rollout under way.
type runner struct {
	plan      Plan
	stages    []Stage
	tolerated int // failures
	endings   []Ending
	begun     []bool

	mu     sync.Mutex
	failed int   // items
	stop   error // why nothing new begins
	strict bool  // nor does what was begun go on
}

// wave takes the items first <= i < end through one stage. A worker takes the
// next item when it is done with one.
func (r *runner) wave(ctx context.Context, s Stage, first, end int) {
	next := make(chan int, end-first)
	for i := first; i < end; i++ {
		if e := r.endings[i]; (e == Well || e == Flawed) && (s.On == nil || s.On(i)) {
			next <- i
		}
	}
	close(next)
	var workers sync.WaitGroup
	for range min(r.forks(s), len(next)) {
		workers.Go(func() {
			for i := range next {
				r.one(ctx, s, i)
			}
		})
	}
	workers.Wait()
}

func (r *runner) forks(s Stage) int {
	switch {
	case r.plan.Serial:
		return 1
	case s.Forks > 0:
		return s.Forks
	default:
		return max(r.plan.Forks, 1)
	}
}

// one does the work of a stage on one item, unless it is too late for that.
func (r *runner) one(ctx context.Context, s Stage, i int) {
	e := Cancelled
	switch {
	case ctx.Err() != nil:
	case !r.goesOn(i):
		e = Skipped
	default:
		e = s.Do(ctx, i)
	}
	r.note(i, e)
}

// goesOn says whether an item still takes part, and notes that it has begun.
func (r *runner) goesOn(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil && (r.strict || !r.begun[i]) {
		return false
	}
	r.begun[i] = true
	return true
}

// note keeps how a stage ended for an item. What went wrong once is not well
// any more.
func (r *runner) note(i int, e Ending) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.endings[i]
	switch {
	case before == Flawed && (e == Failed || e == Out):
		e = Failed
	case before == Flawed:
		e = Flawed
	}
	r.endings[i] = e
	if e.bad() && !before.bad() {
		r.failed++
		r.tooMany()
	}
}

// tooMany stops the rollout when one more failure is one too many. It needs the
// lock.
func (r *runner) tooMany() {
	switch {
	case r.stop != nil:
	case r.plan.Serial:
		r.stop, r.strict = fault.New(fault.Failed, "one after the other: the first failure stops the rest"), true
	case r.plan.MaxFail != nil && r.failed > r.tolerated:
		r.stop = fault.New(fault.Failed, "%d failed, and max_fail is %s", r.failed, r.plan.MaxFail)
	}
}

func (r *runner) stopped() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stop
}

func (r *runner) halt(reason error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop = reason
}

// leave says how the items ended that never had their turn.
func (r *runner) leave(ctx context.Context) {
	e := Skipped
	if r.stop == nil && ctx.Err() != nil {
		e = Cancelled
	}
	for i, begun := range r.begun {
		if !begun {
			r.endings[i] = e
		}
	}
}

package transfer

import (
	"context"
	"sync"
	"time"
)

// each calls do for 0 to n-1, workers of them at once and started in order.
// After the first failure no more are started and those that run are
// cancelled; those started before it get a moment to fail by themselves. The
// error is that of the lowest index, so that the same trouble gives the same
// message, unless the other side is slow.
func each(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) error {
	if n == 1 {
		return do(ctx, 0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &pool{n: n, cancel: cancel, do: do, running: map[int]context.CancelFunc{}}
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() { p.work(ctx) })
	}
	wg.Wait()
	if p.late != nil {
		p.late.Stop()
	}
	if p.err == nil && p.next < n {
		return context.Cause(ctx)
	}
	return p.err
}

// moment is what an earlier call gets to fail by itself.
const moment = time.Second

type pool struct {
	n      int
	do     func(ctx context.Context, i int) error
	cancel context.CancelFunc // of all

	mu      sync.Mutex
	next    int
	running map[int]context.CancelFunc
	failed  int // index of err
	err     error
	late    *time.Timer // ends the moment
}

func (p *pool) work(ctx context.Context) {
	for {
		i, inner, ok := p.take(ctx)
		if !ok {
			return
		}
		err := p.do(inner, i)
		p.done(inner, i, err)
	}
}

func (p *pool) take(ctx context.Context) (int, context.Context, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next >= p.n || p.err != nil || ctx.Err() != nil {
		return 0, nil, false
	}
	i := p.next
	p.next++
	ctx, p.running[i] = context.WithCancel(ctx)
	return i, ctx, true
}

// done keeps err unless it comes from our own cancellation.
func (p *pool) done(ctx context.Context, i int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer delete(p.running, i)
	defer p.running[i]()
	if err == nil || p.err != nil && (i > p.failed || isStop(ctx, err)) {
		return
	}
	if p.err == nil {
		p.late = time.AfterFunc(moment, p.cancel)
	}
	p.err, p.failed = err, i
	for other, cancel := range p.running {
		if other > i {
			cancel()
		}
	}
}

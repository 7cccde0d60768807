package transfer

import (
	"context"
	"sync"
)

// each calls do for 0 to n-1, workers of them at once and started in order.
// After the first failure no more are started and the others are cancelled.
// The error is that of the lowest index which failed by itself, so that the
// same trouble gives the same message.
func each(ctx context.Context, n, workers int, do func(ctx context.Context, i int) error) error {
	if n == 1 {
		return do(ctx, 0)
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	run := &pool{n: n, cancel: cancel, do: do}
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() { run.work(inner) })
	}
	wg.Wait()
	if run.err == nil && run.next < n {
		return context.Cause(ctx)
	}
	return run.err
}

type pool struct {
	n      int
	do     func(ctx context.Context, i int) error
	cancel context.CancelFunc

	mu     sync.Mutex
	next   int
	failed int // index of err
	err    error
}

func (p *pool) work(ctx context.Context) {
	for {
		i, ok := p.take(ctx)
		if !ok {
			return
		}
		if err := p.do(ctx, i); err != nil {
			p.fail(ctx, i, err)
		}
	}
}

func (p *pool) take(ctx context.Context) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next >= p.n || p.err != nil || ctx.Err() != nil {
		return 0, false
	}
	p.next++
	return p.next - 1, true
}

// fail keeps err unless it comes from our own cancellation.
func (p *pool) fail(ctx context.Context, i int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil && (i > p.failed || isStop(ctx, err)) {
		return
	}
	p.err, p.failed = err, i
	p.cancel()
}

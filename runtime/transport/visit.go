package transport

import (
	"context"
	"sync"
)

// visit is the work on one host from its beginning to its end, such as a task:
// the connections that it used stay open for it.
type visit struct {
	pool    *Pool
	outer   *visit // the visit that began this one, by going to other hosts
	held    map[*slot]bool
	waiting bool // for room
	inner   int  // visits that it waits for
}

type visitKey struct{}

// Visit begins a visit. What is done with its context keeps its connections
// until leave is called.
func (p *Pool) Visit(ctx context.Context) (inner context.Context, leave func()) {
	v := &visit{pool: p, outer: visitOf(ctx), held: map[*slot]bool{}}
	if v.outer != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		v.outer.inner++
		p.tell()
	}
	return context.WithValue(ctx, visitKey{}, v), v.leave
}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

func (v *visit) leave() {
	v.pool.mu.Lock()
	defer v.pool.mu.Unlock()
	for s := range v.held {
		delete(s.holders, v)
	}
	clear(v.held)
	if v.outer != nil {
		v.outer.inner--
	}
	v.pool.tell()
}

// away says that a visit waits for others: meanwhile what it holds may be
// closed, else all could wait for each other. It needs the pool's lock.
func (v *visit) away() bool { return v.waiting || v.inner > 0 }

// wait notes that a visit waits for room. There may be no visit.
func (v *visit) wait(p *Pool, waiting bool) {
	if v == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	v.waiting = waiting
	if waiting {
		p.tell()
	}
}

// Away notes that a visit waits for other work than that of its hosts, such as
// its turn at something, until back is called: meanwhile what it holds may be
// closed, else those whose turn it is could wait for a connection for ever.
func Away(ctx context.Context) (back func()) {
	v := visitOf(ctx)
	if v == nil {
		return func() {}
	}
	v.wait(v.pool, true)
	return sync.OnceFunc(func() { v.wait(v.pool, false) })
}

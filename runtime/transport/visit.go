package transport

import "context"

// visit is the work on one host from its beginning to its end, such as a task:
// the connections that it used stay open for it.
type visit struct {
	pool    *Pool
	held    map[*slot]bool
	waiting bool // for room: meanwhile what it holds may be closed, else all could wait for each other
}

type visitKey struct{}

// Visit begins a visit. What is done with its context keeps its connections
// until leave is called.
func (p *Pool) Visit(ctx context.Context) (inner context.Context, leave func()) {
	v := &visit{pool: p, held: map[*slot]bool{}}
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
	v.pool.tell()
}

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

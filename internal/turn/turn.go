// Package turn lets many hosts of a run take turns: named semaphores, and work
// that is done once for all.
//
// Rules: who came first is served first; waiting ends with its context; what
// would wait for ever is an error and not a hang; a context knows what it holds,
// so that a nested use of one name is found.
package turn

import (
	"context"
	"slices"
	"sync"

	"gofab/internal/fault"
)

// Set is the named turns of one run.
type Set struct {
	mu     sync.Mutex
	limits map[string]*limit
	onces  map[string]*once
}

// NewSet makes an empty set.
func NewSet() *Set { return &Set{limits: map[string]*limit{}, onces: map[string]*once{}} }

// limit is a semaphore.
type limit struct {
	name    string
	most    int
	holders []*place
	queue   []*place // who waits; the first is served next
}

// place is somebody who holds a limit or waits for it. What he holds besides is
// in the places outside of it: a limit is given back when all that goes on
// inside has ended.
type place struct {
	outer  *place
	limit  *limit
	served chan struct{} // closed when it holds the limit
}

func (p *place) inside(outer *place) bool {
	for ; p != nil; p = p.outer {
		if p == outer {
			return true
		}
	}
	return false
}

type placeKey struct{ set *Set }

// Limit waits until less than most others hold the name, and gives a context
// that holds it until done is called.
func (s *Set) Limit(ctx context.Context, name string, most int) (held context.Context, done func(), err error) {
	if most < 1 {
		return nil, nil, fault.New(fault.Usage, "limit %q: at least one at once, not %d", name, most)
	}
	outer, _ := ctx.Value(placeKey{s}).(*place)
	p, err := s.enter(outer, name, most)
	if err != nil {
		return nil, nil, err
	}
	select {
	case <-p.served:
	case <-ctx.Done():
		s.leave(p)
		return nil, nil, context.Cause(ctx)
	}
	return context.WithValue(ctx, placeKey{s}, p), sync.OnceFunc(func() { s.leave(p) }), nil
}

// enter takes a place at the end of the queue, or at once where it is free.
func (s *Set) enter(outer *place, name string, most int) (*place, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.limits[name]
	if l == nil {
		l = &limit{name: name, most: most}
		s.limits[name] = l
	}
	if l.most != most {
		return nil, fault.New(fault.Usage, "limit %q is %d elsewhere, and %d here", name, l.most, most)
	}
	p := &place{outer: outer, limit: l, served: make(chan struct{})}
	if err := s.check(p); err != nil {
		return nil, err
	}
	l.queue = append(l.queue, p)
	l.serve()
	return p, nil
}

// leave gives a place up, whether it was served or not.
func (s *Set) leave(p *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := func(other *place) bool { return other == p }
	p.limit.queue = slices.DeleteFunc(p.limit.queue, gone)
	p.limit.holders = slices.DeleteFunc(p.limit.holders, gone)
	p.limit.serve()
}

func (l *limit) serve() {
	for len(l.holders) < l.most && len(l.queue) > 0 {
		p := l.queue[0]
		l.queue = l.queue[1:]
		l.holders = append(l.holders, p)
		close(p.served)
	}
}

// check refuses a place that would never be served. It needs the lock.
func (s *Set) check(p *place) error {
	for o := p.outer; o != nil; o = o.outer {
		if o.limit == p.limit {
			return fault.New(fault.Usage, "%q is held here already: it would wait for itself", p.limit.name)
		}
	}
	if p.outer == nil || len(p.limit.holders) < p.limit.most {
		return nil
	}
	p.limit.queue = append(p.limit.queue, p) // as if it waited
	free := s.willBeFree(p.limit, nil)
	p.limit.queue = p.limit.queue[:len(p.limit.queue)-1]
	if free {
		return nil
	}
	return fault.New(fault.Usage, "waiting for %q while holding %q would never end: who has it waits for what is held here",
		p.limit.name, p.outer.limit.name).WithHint("take limits in the same order everywhere")
}

// willBeFree says that some holder of a limit can come to its end: nothing
// inside of it waits for a limit that never becomes free. A limit that waits for
// itself, through others, never does.
func (s *Set) willBeFree(l *limit, asked []*limit) bool {
	if slices.Contains(asked, l) {
		return false
	}
	asked = append(slices.Clone(asked), l)
	return slices.ContainsFunc(l.holders, func(h *place) bool { return s.canEnd(h, asked) })
}

func (s *Set) canEnd(h *place, asked []*limit) bool {
	for _, other := range s.limits {
		waits := func(p *place) bool { return p.inside(h) }
		if slices.ContainsFunc(other.queue, waits) && !s.willBeFree(other, asked) {
			return false
		}
	}
	return true
}

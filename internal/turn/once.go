package turn

import (
	"context"

	"gofab/internal/fault"
)

// once is work that is done by whoever comes first.
type once struct {
	done   bool
	value  any
	err    error
	worker chan struct{} // closed when who works on it now has ended
}

type onceKey struct {
	set  *Set
	name string
}

// Once gives what do gave in the first call under this name. Calls that come
// meanwhile wait for it. An error is an answer like a value, except for the end
// of the worker's own context: then the next one in line does it.
func (s *Set) Once(ctx context.Context, name string, do func(context.Context) (any, error)) (any, error) {
	if ctx.Value(onceKey{s, name}) != nil {
		return nil, fault.New(fault.Usage, "once %q is called inside of itself", name)
	}
	for {
		o, mine := s.join(name)
		if mine {
			value, err := do(context.WithValue(ctx, onceKey{s, name}, true))
			return s.answer(name, value, err, ctx.Err() == nil)
		}
		if o.done {
			return o.value, o.err
		}
		select {
		case <-o.worker:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// join gives the state of a name, and the work to who finds nobody at it.
func (s *Set) join(name string) (now once, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.onces[name]
	if o == nil {
		o = &once{}
		s.onces[name] = o
	}
	if !o.done && o.worker == nil {
		o.worker = make(chan struct{})
		return *o, true
	}
	return *o, false
}

// answer keeps what came out, if it is one, and wakes who waits.
func (s *Set) answer(name string, value any, err error, valid bool) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.onces[name]
	if valid {
		o.done, o.value, o.err = true, value, err
	}
	close(o.worker)
	o.worker = nil
	return value, err
}

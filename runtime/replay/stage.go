package replay

import (
	"context"
	"slices"
	"sync"

	"gofab/bindings/kit"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// Stage stands between a run and the ways to its hosts: while a double is on
// it, that answers.
type Stage struct {
	mu     sync.Mutex
	double *Double
	open   []transport.Conn // opened since the last change, some of them closed
	sweep  int              // so many, and the closed ones are dropped
}

type stageKey struct{}

// StageOf gives the stage of a run.
func StageOf(env *kit.Env) *Stage {
	return kit.SharedValue(env.Shared, stageKey{}, func() *Stage { return &Stage{} })
}

// Put puts a double on the stage, nil takes it away. Connections that are open
// are closed, since other hosts answer from now on.
func (s *Stage) Put(d *Double) {
	s.mu.Lock()
	open := s.open
	s.double, s.open, s.sweep = d, nil, 0
	s.mu.Unlock()
	for _, conn := range open {
		_ = conn.Close()
	}
}

// Double gives what is on the stage; nil is nothing.
func (s *Stage) Double() *Double {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.double
}

// Dial opens the way to the double of a host, or the real one. This machine is
// itself unless the double plays it.
func (s *Stage) Dial(dial transport.Dial) transport.Dial {
	return func(ctx context.Context, h *inventory.Host) (transport.Conn, error) {
		d := s.Double()
		if d != nil && (d.strict || h.Name != inventory.LocalName || d.Plays(h.Name)) {
			return s.keep(d.Dial(ctx, h))
		}
		return s.keep(dial(ctx, h))
	}
}

// keep remembers a connection, so that it can be closed by a change.
func (s *Stage) keep(conn transport.Conn, err error) (transport.Conn, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= s.sweep {
		s.open = slices.DeleteFunc(s.open, closed)
		s.sweep = len(s.open)*5/4 + 16
	}
	s.open = append(s.open, conn)
	return conn, nil
}

func closed(conn transport.Conn) bool {
	select {
	case <-conn.Done():
		return true
	default:
		return false
	}
}

package sshclient

import (
	"context"
	"sync"

	"gofab/internal/fault"
)

// maxSessions is how many sessions one connection has at a time; sshd's own
// default is the same (MaxSessions 10, sshd_config(5)).
const maxSessions = 10

// slots hands out the sessions of a connection. A command gives its slot back
// by itself, so others wait for it; a subsystem may stay as long as the
// connection, so nobody waits for that.
//
// A server that refuses a session teaches us how many it allows; each session
// that ends lets us try one more.
type slots struct {
	mu       sync.Mutex
	limit    int // as learned; at most maxSessions
	commands int
	lasting  int
	holds    int           // of those who need the connection without a session
	freed    chan struct{} // closed when a slot is given back
}

func newSlots() *slots { return &slots{limit: maxSessions, freed: make(chan struct{})} }

// take waits for a slot. gone ends the wait, too.
func (s *slots) take(ctx context.Context, lasting bool, gone <-chan struct{}) error {
	for {
		freed, err := s.tryTake(lasting)
		if freed == nil {
			return err
		}
		select {
		case <-freed:
		case <-gone:
			return nil // opening the channel says why
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryTake takes a slot, or gives what to wait for, or an error if waiting is
// no use.
func (s *slots) tryTake(lasting bool) (freed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inUse := s.commands + s.lasting
	switch {
	case inUse < s.limit, s.commands == 0 && inUse < maxSessions:
		s.count(lasting, 1)
		return nil, nil
	case s.commands == 0:
		return nil, fault.New(fault.Failed, "all %d sessions of the connection are in use", inUse).
			WithHint("close file transfers that are not needed")
	default:
		return s.freed, nil
	}
}

func (s *slots) give(lasting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(lasting, -1)
	s.limit = min(s.limit+1, maxSessions)
	close(s.freed)
	s.freed = make(chan struct{})
}

// refused gives back a slot that the server did not honour, and tells whether
// it is worth waiting for a command to end.
func (s *slots) refused(lasting bool) (wait bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(lasting, -1)
	s.limit = max(1, s.commands+s.lasting)
	return s.commands > 0
}

// hold keeps the connection from being idle.
func (s *slots) hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.holds--
	})
}

func (s *slots) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands == 0 && s.holds == 0
}

func (s *slots) count(lasting bool, n int) {
	if lasting {
		s.lasting += n
	} else {
		s.commands += n
	}
}

package sshclient

import (
	"context"
	"sync"
	"time"
)

// maxSessions is how many sessions one connection has at a time as long as
// there is something to wait for; sshd's own default is the same (MaxSessions
// 10, sshd_config(5)).
const maxSessions = 10

// use is what a session is for.
type use uint8

const (
	forCommand   use = iota // ends by itself
	forDialogue             // ends when its script likes
	forSubsystem            // may stay as long as the connection
	uses
)

// slots hands out the sessions of a connection. Commands give theirs back by
// themselves, so others wait for them. Nobody knows when the rest ends: where
// no command runs, the server is asked for one more and decides.
//
// A server that refuses a session teaches us how many it allows; each session
// that ends lets us try one more.
type slots struct {
	mu    sync.Mutex
	limit int // as learned; at most maxSessions
	used  [uses]int
	holds int           // of those who need the connection without a session
	freed chan struct{} // closed when a slot is given back

	patience time.Duration // with dialogues, while the server refuses more
}

func newSlots() *slots {
	return &slots{limit: maxSessions, freed: make(chan struct{}), patience: longPatience}
}

// take waits for a slot. gone ends the wait, too.
func (s *slots) take(ctx context.Context, u use, gone <-chan struct{}) error {
	for {
		freed := s.tryTake(u)
		if freed == nil {
			return nil
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

// tryTake takes a slot, or gives what to wait for.
func (s *slots) tryTake(u use) (freed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inUse() < s.limit || s.used[forCommand] == 0 {
		s.used[u]++
		return nil
	}
	return s.freed
}

func (s *slots) inUse() int {
	sum := 0
	for _, n := range s.used {
		sum += n
	}
	return sum
}

func (s *slots) give(u use) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[u]--
	s.limit = min(s.limit+1, maxSessions)
	close(s.freed)
	s.freed = make(chan struct{})
}

// refused gives back a slot that the server did not honour, and tells how many
// there are that may end soon.
func (s *slots) refused(u use) (commands, dialogues int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[u]--
	s.limit = max(1, min(s.inUse(), maxSessions))
	return s.used[forCommand], s.used[forDialogue]
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
	return s.used[forCommand] == 0 && s.used[forDialogue] == 0 && s.holds == 0
}

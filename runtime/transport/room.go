package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"syscall"
	"time"

	"gofab/internal/fault"
)

// How a pool makes room where more connections are wanted than may be open.

// look is how often who waits looks for a connection whose commands have ended,
// which nobody tells of.
const look = 100 * time.Millisecond

// patience is how long a connection may be in use although nobody is at work with
// it: a command that has just ended is still being closed.
const patience = 5 * time.Second

// makeRoom waits until one more connection may be open.
func (p *Pool) makeRoom(ctx context.Context, s *slot, v *visit) error {
	v.wait(p, true)
	defer v.wait(p, false)
	timer := time.NewTimer(0)
	defer timer.Stop()
	lost := time.Now() // the last moment with hope
	for {
		p.mu.Lock()
		if v == nil {
			p.last = nil // who waits is done with it
		}
		free, changed := p.claim(s), p.changed
		if !free && p.hope() {
			lost = time.Now()
		}
		p.mu.Unlock()
		switch {
		case free:
			return nil
		case time.Since(lost) > patience:
			return fault.New(fault.Failed, "all %d connections are in use", p.Room()).
				WithHint("close what is not needed, or raise the limit of open files (ulimit -n)")
		}
		timer.Reset(look)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// claim takes room for a slot, in the place of an idle connection when there is
// none left. It needs the lock.
func (p *Pool) claim(s *slot) bool {
	if len(p.open) >= p.room && !p.closeIdle() {
		return false
	}
	s.place = len(p.open)
	p.open = append(p.open, s)
	return true
}

// closeIdle closes one connection that nobody uses: any one, since nobody knows
// which is needed next, and the oldest is the worst choice for work that goes
// round. It needs the lock.
func (p *Pool) closeIdle() bool {
	first := rand.IntN(len(p.open))
	for i := range p.open {
		s := p.open[(first+i)%len(p.open)]
		if s == p.last || !s.idle() {
			continue
		}
		select {
		case s.busy <- struct{}{}:
			conn := s.conn
			p.vacate(s)
			<-s.busy
			go conn.Close() //nolint:errcheck // it was not needed any more
			return true
		default: // just being asked for
		}
	}
	return false
}

// idle says that a connection may be closed: no visit is at work with it and
// nothing is open on it.
func (s *slot) idle() bool {
	if s.conn == nil {
		return false
	}
	for v := range s.holders {
		if !v.away() {
			return false
		}
	}
	c, ok := s.conn.(interface{ Idle() bool })
	return !ok || c.Idle()
}

// hope says that a connection can become free: one is being opened or is used
// by a visit, which ends. It needs the lock.
func (p *Pool) hope() bool {
	for _, s := range p.open {
		if s.conn == nil {
			return true
		}
		for v := range s.holders {
			if !v.away() {
				return true
			}
		}
	}
	return false
}

// tooMany says that a connection failed for want of files while others are
// open. From then on there is room for those only.
func (p *Pool) tooMany(err error) bool {
	if !errors.Is(err, syscall.EMFILE) || len(p.open) < 2 {
		return false
	}
	p.room = min(p.room, len(p.open)-1)
	return true
}

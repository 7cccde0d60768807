package sftpfs

import (
	"time"

	"gofab/internal/fault"
)

// times are the limits of waiting.
type times struct {
	quiet time.Duration // a request is due and nothing moves
	call  time.Duration // one request, whatever else arrives
	grace time.Duration // a request whose caller has gone, while nothing moves
}

var usual = times{quiet: time.Minute, call: 15 * time.Minute, grace: 10 * time.Second}

// watch begins to look after open calls; c.mu is held.
func (c *channel) watch() {
	if !c.watched {
		c.lookIn(c.times.quiet)
	}
}

// lookIn comes back to check after d; c.mu is held.
func (c *channel) lookIn(d time.Duration) {
	c.watched = true
	if c.timer == nil {
		c.timer = time.AfterFunc(d, c.check)
	} else {
		c.timer.Reset(d)
	}
}

// check ends the channel when its patience with a call is used up, or else
// comes back when that could be.
func (c *channel) check() {
	c.mu.Lock()
	now := time.Now()
	due, abandoned := c.due()
	switch {
	case c.why != nil || due.IsZero():
		c.watched = false
	case due.After(now):
		c.lookIn(due.Sub(now))
	}
	over := c.why == nil && !due.IsZero() && !due.After(now)
	c.mu.Unlock()
	switch {
	case over && abandoned:
		c.end(fault.New(fault.Timeout, "the sftp server did not answer after a cancelled request"))
	case over:
		c.end(fault.New(fault.Timeout, "the sftp server does not answer"))
	}
}

// due is when the patience ends first, zero without a call; c.mu is held. A
// server busy with fsync(2) answers nothing else meanwhile.
func (c *channel) due() (due time.Time, abandoned bool) {
	quiet := c.times.quiet
	for _, k := range c.calls {
		if k.patient {
			quiet = c.times.call
		}
	}
	alive := time.Unix(0, c.alive.Load())
	for _, k := range c.calls {
		end := earliest(latest(alive, k.began).Add(quiet), k.began.Add(c.times.call))
		left := false
		if !k.left.IsZero() && !k.patient {
			if grace := latest(alive, k.left).Add(c.times.grace); grace.Before(end) {
				end, left = grace, true
			}
		}
		if due.IsZero() || end.Before(due) {
			due, abandoned = end, left
		}
	}
	return due, abandoned
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

package sshclient

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errLimit is the cause of the end of a limit's context.
var errLimit = errors.New("the handshake took too long")

// limit is the deadline of one login. It stands still while a person is asked,
// since nobody types a passphrase within a network timeout.
type limit struct {
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	timer  *time.Timer
	ends   time.Time
	left   time.Duration // valid while paused
	paused int
}

func newLimit(parent context.Context, d time.Duration) *limit {
	l := &limit{ends: time.Now().Add(d)}
	l.ctx, l.cancel = context.WithCancelCause(parent)
	l.timer = time.AfterFunc(d, func() { l.cancel(errLimit) })
	return l
}

// stop ends the limit and its context.
func (l *limit) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
	l.cancel(context.Canceled)
}

// reached tells whether the limit itself, and not its parent, ended the context.
func (l *limit) reached() bool { return context.Cause(l.ctx) == errLimit }

// pause stops the clock until the returned function is called.
func (l *limit) pause() (resume func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.paused++; l.paused == 1 && l.timer.Stop() {
		l.left = time.Until(l.ends)
	}
	return l.resume
}

func (l *limit) resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.paused--; l.paused == 0 && l.ctx.Err() == nil {
		l.ends = time.Now().Add(l.left)
		l.timer.Reset(l.left)
	}
}

package transfer

import (
	"context"
	"sync"
	"time"
)

// limiter spreads the bytes of one copy over time.
type limiter struct {
	rate float64 // bytes a second
	mu   sync.Mutex
	next time.Time // when the next byte may go
}

// burst is how much may go at once after a pause.
const burst = 100 * time.Millisecond

// wait waits until n bytes may go. A nil limiter never waits.
func (l *limiter) wait(ctx context.Context, n int) error {
	if l == nil {
		return nil
	}
	pause := l.reserve(n)
	if pause <= 0 {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *limiter) reserve(n int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if earliest := now.Add(-burst); l.next.Before(earliest) {
		l.next = earliest
	}
	pause := l.next.Sub(now)
	l.next = l.next.Add(time.Duration(float64(n) / l.rate * float64(time.Second)))
	return pause
}

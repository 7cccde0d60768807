// Package retry tries work again until it succeeds or the tries are used up.
//
// Rules: the first try comes at once; waits grow by a factor up to a limit and
// vary by chance, so that a thousand hosts do not come back at the same moment;
// the end of the context ends a wait at once.
package retry

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// Policy says how often and when.
type Policy struct {
	Times    int           // tries in all; 0 is no limit
	Delay    time.Duration // before the second try
	Backoff  float64       // each wait is so many times the one before; below 1 is 1
	MaxDelay time.Duration // longest wait; 0 is none
	Jitter   float64       // share of a wait by which it varies, 0 to 1
}

// Wait is the time between the end of a try and the next one; the first try is
// 1.
func (p Policy) Wait(try int) time.Duration {
	wait := float64(p.Delay) * math.Pow(math.Max(p.Backoff, 1), float64(try-1))
	if p.MaxDelay > 0 {
		wait = math.Min(wait, float64(p.MaxDelay))
	}
	wait *= 1 + p.Jitter*(2*rand.Float64()-1)
	return time.Duration(math.Min(wait, math.MaxInt64/2))
}

// Do calls work with the number of the try until it says that it is done, or
// the tries are used up; then it is false. Waits are those of sleep; nil takes
// real ones. The error is that of the context.
func (p Policy) Do(ctx context.Context, sleep func(context.Context, time.Duration) error, work func(try int) (done bool)) (bool, error) {
	if sleep == nil {
		sleep = Sleep
	}
	for try := 1; ; try++ {
		switch done := work(try); {
		case done:
			return true, nil
		case try == p.Times:
			return false, nil
		}
		if err := sleep(ctx, p.Wait(try)); err != nil {
			return false, err
		}
	}
}

// Sleep waits, or gives the reason why the context ended.
func Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

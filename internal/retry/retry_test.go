package retry

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestDo(t *testing.T) {
	for _, c := range []struct {
		policy  Policy
		success int // the try that succeeds
		tries   int
		waits   string
	}{
		{Policy{Times: 1}, 0, 1, "[]"},
		{Policy{Times: 3, Delay: time.Second}, 0, 3, "[1s 1s]"},
		{Policy{Times: 3, Delay: time.Second}, 2, 2, "[1s]"},
		{Policy{Times: 5, Delay: time.Second, Backoff: 2}, 0, 5, "[1s 2s 4s 8s]"},
		{Policy{Times: 6, Delay: time.Second, Backoff: 3, MaxDelay: 10 * time.Second}, 0, 6, "[1s 3s 9s 10s 10s]"},
		{Policy{Times: 3, Delay: time.Second, Backoff: 0.1}, 0, 3, "[1s 1s]"},
		{Policy{Delay: time.Second}, 4, 4, "[1s 1s 1s]"},
	} {
		tries, waits := 0, []time.Duration{}
		sleep := func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
		done, err := c.policy.Do(t.Context(), sleep, func(try int) bool {
			tries++
			return try == c.success
		})
		if tries != c.tries || fmt.Sprint(waits) != c.waits || done != (c.success > 0) || err != nil {
			t.Errorf("%+v: %d tries, waits %v, %v, %v", c.policy, tries, waits, done, err)
		}
	}
}

func TestJitter(t *testing.T) {
	p := Policy{Delay: time.Second, Jitter: 0.1}
	seen := map[time.Duration]bool{}
	for range 1000 {
		d := p.Wait(1)
		seen[d] = true
		if d < 900*time.Millisecond || d > 1100*time.Millisecond {
			t.Fatal(d)
		}
	}
	if len(seen) < 100 {
		t.Errorf("%d different waits", len(seen))
	}
}

func TestWaitsNeverOverflow(t *testing.T) {
	p := Policy{Delay: time.Hour, Backoff: 10, Jitter: 1}
	for try := 1; try < 1000; try++ {
		if p.Wait(try) < 0 {
			t.Fatal(try)
		}
	}
}

func TestEndOfTheContext(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	tries := 0
	done, err := Policy{Times: 3, Delay: time.Hour}.Do(ctx, nil, func(int) bool {
		tries++
		end(reason)
		return false
	})
	if done || tries != 1 || !errors.Is(err, reason) {
		t.Errorf("%v after %d tries, %v", done, tries, err)
	}
}

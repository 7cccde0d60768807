package testenv

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// leakLimit is how long goroutines that were told to end may take.
const leakLimit = 5 * time.Second

// Goroutines fails the test when, at its end, more goroutines run than now.
// Call it first: its check then runs after all other clean-ups. It counts the
// whole process, so the test must not be a parallel one.
func Goroutines(t testing.TB) {
	t.Helper()
	base := runtime.NumGoroutine()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), leakLimit)
		defer cancel()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for runtime.NumGoroutine() > base {
			select {
			case <-tick.C:
			case <-ctx.Done():
				stacks := make([]byte, 1<<20)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Errorf("%d goroutines at the start, %d at the end:\n%s", base, runtime.NumGoroutine(), stacks)
				return
			}
		}
	})
}

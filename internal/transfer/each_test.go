package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func TestEachDoesAll(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 500} {
		var mu sync.Mutex
		seen := map[int]int{}
		err := each(t.Context(), n, 8, func(_ context.Context, i int) error {
			mu.Lock()
			defer mu.Unlock()
			seen[i]++
			return nil
		})
		if err != nil || len(seen) != n {
			t.Errorf("%d of %d, %v", len(seen), n, err)
		}
	}
}

// TestEachLowestError: 5 fails after 9 did and is reported; 12 runs until it is
// cancelled, and nothing new begins.
func TestEachLowestError(t *testing.T) {
	nine := make(chan bool)
	var begun atomic.Int64
	err := each(t.Context(), 1000, 20, func(ctx context.Context, i int) error {
		begun.Add(1)
		switch i {
		case 5:
			<-nine
			return errors.New("five")
		case 9:
			defer close(nine)
			return errors.New("nine")
		default:
			<-ctx.Done()
			return fmt.Errorf("%d: %w", i, ctx.Err())
		}
	})
	if err == nil || err.Error() != "five" || begun.Load() > 20 {
		t.Errorf("%v after %d", err, begun.Load())
	}
}

func TestEachCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("why")
	err := each(ctx, 100, 4, func(ctx context.Context, i int) error {
		if i == 10 {
			cancel(why)
		}
		return nil
	})
	if !errors.Is(err, why) {
		t.Error(err)
	}
}

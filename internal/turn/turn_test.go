package turn

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gofab/internal/testenv"
)

// queued waits until so many wait for a name, so that a test knows its order.
func queued(s *Set, name string, n int) {
	for {
		s.mu.Lock()
		l := s.limits[name]
		reached := l != nil && len(l.queue) >= n
		s.mu.Unlock()
		if reached {
			return
		}
	}
}

func TestFirstComeFirstServed(t *testing.T) {
	s := NewSet()
	_, done, err := s.Limit(t.Context(), "db", 1)
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan int, 20)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, done, err := s.Limit(t.Context(), "db", 1)
			if err != nil {
				t.Error(err)
				return
			}
			order <- i
			done()
		})
		queued(s, "db", i+1)
	}
	done()
	done() // twice is once
	all.Wait()
	for i := range 20 {
		if got := <-order; got != i {
			t.Fatalf("%d was served in place of %d", got, i)
		}
	}
}

func TestNeverMoreThanTheLimit(t *testing.T) {
	s := NewSet()
	var working, most atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			_, done, err := s.Limit(t.Context(), "db", 3)
			if err != nil {
				t.Error(err)
				return
			}
			defer done()
			for now := working.Add(1); ; {
				if before := most.Load(); now <= before || most.CompareAndSwap(before, now) {
					break
				}
			}
			working.Add(-1)
		})
	}
	all.Wait()
	if most.Load() > 3 {
		t.Errorf("%d at once", most.Load())
	}
}

// A waiter who gives up leaves no trace: the next one is served.
func TestCancelledWaiter(t *testing.T) {
	s := NewSet()
	_, done, _ := s.Limit(t.Context(), "db", 1)
	ctx, end := context.WithCancelCause(t.Context())
	gave := make(chan error)
	go func() { _, _, err := s.Limit(ctx, "db", 1); gave <- err }()
	queued(s, "db", 1)
	reason := errors.New("enough")
	end(reason)
	if err := <-gave; !errors.Is(err, reason) {
		t.Errorf("error %v", err)
	}
	done()
	if _, done, err := s.Limit(t.Context(), "db", 1); err != nil {
		t.Error(err)
	} else {
		done()
	}
	if l := s.limits["db"]; len(l.holders)+len(l.queue) != 0 {
		t.Errorf("left behind: %d holders, %d waiters", len(l.holders), len(l.queue))
	}
}

func TestMisuse(t *testing.T) {
	s := NewSet()
	held, done, err := s.Limit(t.Context(), "db", 2)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for want, call := range map[string]func() error{
		"at least one at once":     func() error { _, _, err := s.Limit(t.Context(), "x", 0); return err },
		"is 2 elsewhere":           func() error { _, _, err := s.Limit(t.Context(), "db", 3); return err },
		"it would wait for itself": func() error { _, _, err := s.Limit(held, "db", 2); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Two that hold what the other one wants: the second is told.
func TestDeadlockIsAnError(t *testing.T) {
	s := NewSet()
	first, doneA, _ := s.Limit(t.Context(), "a", 1)
	second, doneB, _ := s.Limit(t.Context(), "b", 1)
	waited := make(chan error)
	go func() {
		_, done, err := s.Limit(first, "b", 1)
		if err == nil {
			done()
		}
		doneA()
		waited <- err
	}()
	queued(s, "b", 1)
	_, _, err := s.Limit(second, "a", 1)
	if err == nil || !strings.Contains(err.Error(), `waiting for "a" while holding "b" would never end`) {
		t.Errorf("error %v", err)
	}
	doneB()
	if err := <-waited; err != nil {
		t.Error(err)
	}
}

// Many lines of work take limits in any order, nested: each is served or told
// that it never would be, and nothing hangs.
func TestNothingHangs(t *testing.T) {
	seed := testenv.Seed(t)
	for round := range 100 {
		s := NewSet()
		var all sync.WaitGroup
		for line := range 12 {
			random := rand.New(rand.NewPCG(seed, uint64(round*100+line)))
			all.Go(func() {
				for range 5 {
					nest(t.Context(), t, s, random, 1+random.IntN(3))
				}
			})
		}
		all.Wait()
		for name, l := range s.limits {
			if len(l.holders)+len(l.queue) > 0 {
				t.Fatalf("%s: %d holders, %d waiters are left", name, len(l.holders), len(l.queue))
			}
		}
	}
}

func nest(ctx context.Context, t *testing.T, s *Set, random *rand.Rand, depth int) {
	if depth == 0 {
		return
	}
	n := random.IntN(3)
	held, done, err := s.Limit(ctx, fmt.Sprintf("l%d", n), n+1)
	if err != nil {
		if !strings.Contains(err.Error(), "would") {
			t.Error(err)
		}
		return
	}
	defer done()
	if random.IntN(3) > 0 {
		nest(held, t, s, random, depth-1)
		return
	}
	var both sync.WaitGroup // lines of work inside of one limit, as a group's each makes them
	for i := range 2 {
		inner := rand.New(rand.NewPCG(random.Uint64(), uint64(i)))
		both.Go(func() { nest(held, t, s, inner, depth-1) })
	}
	both.Wait()
}

func TestOnce(t *testing.T) {
	s := NewSet()
	var calls atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			value, err := s.Once(t.Context(), "x", func(context.Context) (any, error) { return calls.Add(1), nil })
			if value != int64(1) || err != nil {
				t.Errorf("%v, %v", value, err)
			}
		})
	}
	all.Wait()
	failed := errors.New("no")
	for range 2 {
		_, err := s.Once(t.Context(), "y", func(context.Context) (any, error) { calls.Add(1); return nil, failed })
		if !errors.Is(err, failed) {
			t.Error(err)
		}
	}
	if calls.Load() != 2 {
		t.Errorf("%d calls", calls.Load())
	}
	_, err := s.Once(t.Context(), "z", func(ctx context.Context) (any, error) {
		return s.Once(ctx, "z", func(context.Context) (any, error) { return 1, nil })
	})
	if err == nil || !strings.Contains(err.Error(), "inside of itself") {
		t.Error(err)
	}
}

// The work of one who was cancelled goes to the next one in line; one who waits
// can be cancelled as well.
func TestOnceCancelled(t *testing.T) {
	s := NewSet()
	ctx, end := context.WithCancel(t.Context())
	started := make(chan bool)
	first := make(chan error)
	go func() {
		_, err := s.Once(ctx, "x", func(ctx context.Context) (any, error) {
			close(started)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		first <- err
	}()
	<-started
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Once(gone, "x", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a waiter who left: %v", err)
	}
	second := make(chan any)
	go func() {
		value, _ := s.Once(t.Context(), "x", func(context.Context) (any, error) { return "second", nil })
		second <- value
	}()
	end()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := <-second; got != "second" {
		t.Error(got)
	}
}

package kit

import (
	"errors"
	"io"
	"sync"
)

// Shared holds what modules keep for the length of one run: a connection
// pool, the inventory, the list of tasks. It replaces package variables, so
// that two runs in one process know nothing of each other.
type Shared struct {
	mu     sync.Mutex
	values map[any]any
	order  []any
}

// NewShared makes an empty store.
func NewShared() *Shared { return &Shared{values: map[any]any{}} }

// SharedValue gives the run's value under key, making it at first use.
func SharedValue[T any](s *Shared, key any, make func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.values[key]; ok {
		return v.(T)
	}
	v := make()
	s.values[key] = v
	s.order = append(s.order, v)
	return v
}

// Close closes the values that can be closed, the newest first.
func (s *Shared) Close() error {
	s.mu.Lock()
	order := s.order
	s.values, s.order = map[any]any{}, nil
	s.mu.Unlock()
	var errs []error
	for i := len(order) - 1; i >= 0; i-- {
		if c, ok := order[i].(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

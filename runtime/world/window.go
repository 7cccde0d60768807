package world

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Resized tells, after the fact, that the size of the terminal has changed,
// until ctx ends.
func (w *World) Resized(ctx context.Context) <-chan struct{} {
	signals, changes := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(signals, syscall.SIGWINCH)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
				select {
				case changes <- struct{}{}:
				default:
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return changes
}

// Take gives a variable of the environment and removes it, so that no child
// gets it.
func (w *World) Take(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.env[name]
	delete(w.env, name)
	_ = os.Unsetenv(name)
	return text
}

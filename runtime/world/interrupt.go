package world

import (
	"context"

	"gofab/internal/fault"
)

// section is work that Ctrl-C ends without ending the run.
type section struct {
	end  context.CancelCauseFunc
	used bool
}

// Interruptible begins work that Ctrl-C ends instead of the run, as a command
// typed at a prompt. The second Ctrl-C ends the run. done must be called.
func (w *World) Interruptible(ctx context.Context) (inner context.Context, done func()) {
	inner, cancel := context.WithCancelCause(ctx)
	s := &section{end: cancel}
	w.mu.Lock()
	outer := w.section
	w.section = s
	w.mu.Unlock()
	return inner, func() {
		w.mu.Lock()
		w.section = outer
		w.mu.Unlock()
		cancel(nil)
	}
}

// interruptSection ends the open section, once.
func (w *World) interruptSection() bool {
	w.mu.Lock()
	s := w.section
	if s == nil || s.used {
		w.mu.Unlock()
		return false
	}
	s.used = true
	w.mu.Unlock()
	s.end(fault.New(fault.Cancelled, "interrupted by Ctrl-C"))
	return true
}

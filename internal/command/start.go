package command

import (
	"context"
	"sync"

	"gofab/internal/fault"
)

// Running is a command that runs beside the script that started it. It ends
// with its context at the latest.
type Running struct {
	Tail   Tail // its last lines
	cancel context.CancelCauseFunc
	done   chan struct{}
	result Result
	err    error

	mu    sync.Mutex
	write func(text *string) // set once the command reads its input
	early []*string          // what was written before
	pid   int
	known chan struct{} // closed when pid is set
}

// Start runs a command like Run and returns at once. With input its standard
// input stays open for Write; without, it dies with its link.
func Start(ctx context.Context, ex Executor, req Request, deps Deps, input bool) *Running {
	ctx, cancel := context.WithCancelCause(ctx)
	r := &Running{cancel: cancel, done: make(chan struct{}), known: make(chan struct{})}
	req.Tail, req.OnPID = &r.Tail, r.setPID
	if input {
		req.OnInput = r.setInput
	}
	go func() {
		defer close(r.done)
		defer r.Tail.end()
		defer cancel(nil)
		r.result, r.err = Run(ctx, ex, req, deps)
	}()
	return r
}

// Done is closed at the end of the command.
func (r *Running) Done() <-chan struct{} { return r.done }

// Wait waits for the end, at the longest until ctx ends; the command goes on
// then, and the error is that of ctx.
func (r *Running) Wait(ctx context.Context) (Result, error) {
	select {
	case <-r.done:
		return r.result, r.err
	case <-ctx.Done():
		return Result{}, context.Cause(ctx)
	}
}

// Close ends the command with all its children and waits for that.
func (r *Running) Close() error {
	r.cancel(fault.New(fault.Cancelled, "the command was closed by the script"))
	<-r.done
	return nil
}

// PID gives the process id of the shell that runs the line, on its host. It
// waits until that is known; a command that has ended without a word has none.
func (r *Running) PID(ctx context.Context) (int, error) {
	select {
	case <-r.known:
	case <-r.done:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pid, nil
}

// Known is the process id, or 0 while nobody knows it.
func (r *Running) Known() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pid
}

func (r *Running) setPID(pid int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pid == 0 {
		close(r.known)
	}
	r.pid = pid
}

// Write gives a text to standard input; nil ends it.
func (r *Running) Write(text *string) {
	r.mu.Lock()
	write := r.write
	if write == nil {
		r.early = append(r.early, text)
	}
	r.mu.Unlock()
	if write != nil {
		write(text)
	}
}

func (r *Running) setInput(write func(text *string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write = write
	for _, text := range r.early {
		write(text)
	}
	r.early = nil
}

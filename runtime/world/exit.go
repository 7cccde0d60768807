package world

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"gofab/internal/fault"
)

// The exit codes of gofab, all of them.
const (
	ExitOK          = 0   // all well
	ExitFailed      = 1   // a task or the script failed
	ExitUsage       = 2   // the command line or the script is wrong
	ExitUnreachable = 3   // no host could be reached
	ExitPartial     = 4   // some hosts failed, others did not
	ExitInterrupted = 130 // Ctrl-C or SIGTERM
	ExitClosed      = 141 // nobody reads the output any more, as after | head
)

// ExitCodes is the documented list.
var ExitCodes = []struct {
	Code int
	Doc  string
}{
	{ExitOK, "all well"},
	{ExitFailed, "a task or the script failed"},
	{ExitUsage, "the command line or the script is wrong"},
	{ExitUnreachable, "no host could be reached"},
	{ExitPartial, "some hosts failed, others did not"},
	{ExitInterrupted, "interrupted by Ctrl-C or SIGTERM"},
	{ExitClosed, "nobody reads the output any more, as after | head"},
}

// Run gives the context of a run: it ends with Ctrl-C, SIGTERM or os.exit of
// the script. A second signal leaves at once. stop must be called at the end.
func (w *World) Run(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	w.mu.Lock()
	w.endRun = cancel
	w.mu.Unlock()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for ctx.Err() == nil {
			select {
			case s := <-signals:
				if s != os.Interrupt || !w.interruptSection() {
					cancel(fault.New(fault.Cancelled, "interrupted by %s", signalName(s)))
				}
			case <-done:
				return
			}
		}
		select {
		case <-signals:
			w.giveBack()
			os.Exit(ExitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

func signalName(s os.Signal) string {
	switch s {
	case os.Interrupt:
		return "Ctrl-C"
	case syscall.SIGTERM:
		return "SIGTERM"
	default:
		return s.String()
	}
}

// RequestExit ends the run with an exit code, as os.exit of a script does.
func (w *World) RequestExit(code int) {
	w.mu.Lock()
	end := w.endRun
	w.mu.Unlock()
	if end != nil {
		end(&Exit{Code: code})
	}
}

// Exited tells the code a script ended the run with.
func Exited(ctx context.Context) (code int, ok bool) {
	var exit *Exit
	if errors.As(context.Cause(ctx), &exit) {
		return exit.Code, true
	}
	return 0, false
}

// Leave ends the process.
func Leave(code int) { os.Exit(code) }

// Package interact gives a person's terminal to a program: what is typed goes
// to the program, what it writes to the person, until one of them ends it.
//
// Rules: the terminal is given back whatever happens, and it is set back to
// what a shell expects when the program went away without doing so. Keys typed
// after the escape key are the person's again. No goroutine is left behind.
package interact

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"gofab/internal/screen"
)

// Console is the person's terminal in raw mode.
type Console interface {
	io.ReadWriteCloser // Close ends a Read or Write that waits
	Size() (cols, rows int)
	Resized() <-chan struct{}
}

// Program is who the person talks to.
type Program interface {
	// Next gives more output, and io.EOF at its end.
	Next(ctx context.Context) ([]byte, error)
	// Send types something.
	Send(ctx context.Context, p []byte) error
	// Resize tells the size of the person's window.
	Resize(cols, rows int) error
}

// Options say what else is to happen.
type Options struct {
	Escape byte                           // the key that ends it; 0 for none
	Input  func(p []byte) ([]byte, error) // changes what is typed
	Output func(p []byte) ([]byte, error) // changes what is shown
	Typed  func(p []byte)                 // told what is typed, before it is sent
	Shown  func(p []byte)                 // told what the program wrote
	Size   func(cols, rows int)           // told each size
}

// Reason is why it ended.
type Reason string

// The reasons.
const (
	Escaped Reason = "escape" // the person typed the escape key
	Ended   Reason = "eof"    // the program ended
	HungUp  Reason = "hangup" // the person's terminal went away
)

// Run joins the two until one of them ends it or ctx does. It closes the
// console.
func Run(ctx context.Context, console Console, program Program, o Options) (Reason, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &session{Options: o, ctx: ctx, console: console, program: program,
		screen: screen.New(80, 24, 0), quiet: make(chan struct{})}
	defer s.leave(cancel)
	s.resize()
	over := make(chan outcome, 3)
	s.start(over, s.typing)
	s.start(over, s.showing)
	for {
		select {
		case result := <-over:
			return result.reason, result.err
		case <-console.Resized():
			s.resize()
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// outcome is how one direction ended.
type outcome struct {
	reason Reason
	err    error
}

type session struct {
	Options
	ctx     context.Context
	console Console
	program Program
	work    sync.WaitGroup
	quiet   chan struct{} // closed when nothing is shown any more

	mu     sync.Mutex // guards the screen
	screen *screen.Screen
}

func (s *session) start(over chan<- outcome, direction func() (Reason, error)) {
	s.work.Go(func() {
		reason, err := direction()
		over <- outcome{reason, err}
	})
}

// patience is how long the last output and the setting back may take each: a
// terminal that was stopped by Ctrl-S takes nothing.
const patience = 50 * time.Millisecond

// leave ends both directions, sets the terminal back and gives it back.
func (s *session) leave(cancel context.CancelCauseFunc) {
	cancel(nil)
	select {
	case <-s.quiet:
	case <-time.After(patience):
	}
	s.setBack()
	s.console.Close()
	s.work.Wait()
}

// setBack undoes the settings that the program left behind.
func (s *session) setBack() {
	s.mu.Lock()
	undo := s.screen.Undo()
	s.mu.Unlock()
	if undo == "" {
		return
	}
	written := make(chan struct{})
	s.work.Go(func() { _, _ = io.WriteString(s.console, undo); close(written) })
	select {
	case <-written:
	case <-time.After(patience):
	}
}

func (s *session) resize() {
	cols, rows := s.console.Size()
	s.mu.Lock()
	s.screen.Resize(cols, rows)
	s.mu.Unlock()
	_ = s.program.Resize(cols, rows) // one without a terminal has no size
	if s.Size != nil {
		s.Size(cols, rows)
	}
}

// typing sends what the person types.
func (s *session) typing() (Reason, error) {
	buf := make([]byte, 4096)
	for {
		n, err := s.console.Read(buf)
		if err != nil {
			return HungUp, nil
		}
		keys, escaped := s.untilEscape(buf[:n])
		if err := s.send(keys); err != nil {
			return s.gone(err)
		}
		if escaped {
			return Escaped, nil
		}
	}
}

func (s *session) untilEscape(keys []byte) (before []byte, escaped bool) {
	if s.Escape == 0 {
		return keys, false
	}
	before, _, escaped = bytes.Cut(keys, []byte{s.Escape})
	return before, escaped
}

func (s *session) send(keys []byte) (err error) {
	if s.Input != nil && len(keys) > 0 {
		if keys, err = s.Input(keys); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if s.Typed != nil {
		s.Typed(keys)
	}
	return s.program.Send(s.ctx, keys)
}

// showing shows what the program writes.
func (s *session) showing() (Reason, error) {
	defer close(s.quiet)
	for {
		output, err := s.program.Next(s.ctx)
		if err == nil {
			err = s.show(output)
		}
		if err != nil {
			return s.gone(err)
		}
	}
}

func (s *session) show(output []byte) (err error) {
	if s.Shown != nil {
		s.Shown(output)
	}
	if s.Output != nil {
		if output, err = s.Output(output); err != nil {
			return err
		}
	}
	s.mu.Lock()
	_, _ = s.screen.Write(output)
	s.mu.Unlock()
	if _, err = s.console.Write(output); err != nil {
		return errHungUp
	}
	return nil
}

var errHungUp = errors.New("the terminal is gone")

// gone says what an error of the program's side means.
func (s *session) gone(err error) (Reason, error) {
	switch {
	case errors.Is(err, io.EOF):
		return Ended, nil
	case errors.Is(err, errHungUp):
		return HungUp, nil
	case s.ctx.Err() != nil:
		return "", context.Cause(s.ctx)
	}
	return "", err
}

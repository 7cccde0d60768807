package command

import (
	"context"
	"io"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/interact"
)

// Window is a terminal whose size changes.
type Window interface {
	// Size gives the rows and columns; ok is false where there is no terminal.
	Size() (rows, cols int, ok bool)
	// Changes tells, after the fact, of new sizes until ctx ends.
	Changes(ctx context.Context) <-chan struct{}
}

// terminal is the pseudo terminal of a command: of the size of the operator's
// own, else with lines long enough not to be broken. Dumb has no cursor to
// move, so programs print plainly.
func (a *attempt) terminal() *PTY {
	p := &PTY{Term: a.job.options.Term, Rows: 50, Cols: 240}
	if p.Term == "" {
		p.Term = "dumb"
	}
	if a.person != nil {
		p.Rows, p.Cols = a.person.size()
		p.Size, p.Resized = a.person.size, a.person.resized
		return p
	}
	w := a.job.deps.Window
	if w == nil {
		return p
	}
	rows, cols, ok := w.Size()
	if !ok {
		return p
	}
	p.Rows, p.Cols = rows, cols
	p.Size = func() (rows, cols int) { rows, cols, _ = w.Size(); return rows, cols }
	p.Resized = w.Changes(a.ctx)
	return p
}

// person is the operator who types: stdin = "terminal".
type person struct {
	attempt *attempt
	shown   chan []byte   // output on its way to the screen
	gone    chan struct{} // closed when the command has ended
	resized chan struct{}
	leaving sync.Once
	ended   chan struct{} // closed when the terminal was given back

	mu         sync.Mutex
	rows, cols int
}

// seat gives the operator's terminal to the command.
func (a *attempt) seat() error {
	if a.job.deps.Console == nil {
		return fault.New(fault.Unsupported, `stdin = "terminal": there is no terminal here`)
	}
	console, release, err := a.job.deps.Console(a.ctx)
	if err != nil {
		return err
	}
	p := &person{
		attempt: a, shown: make(chan []byte), gone: make(chan struct{}), resized: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	p.cols, p.rows = console.Size()
	a.person = p
	go func() {
		defer close(p.ended)
		defer release()
		reason, err := interact.Run(a.ctx, console, p, interact.Options{Escape: ']' & 0x1f})
		if err == nil && reason != interact.Ended {
			err = fault.New(fault.Cancelled, "the operator left the command (%s)", reason)
		}
		if err != nil {
			a.cancel(err)
		}
	}()
	return nil
}

// show waits until the output is on the screen, so that it cannot pile up.
func (p *person) show(text []byte) {
	select {
	case p.shown <- append([]byte(nil), text...):
	case <-p.ended:
	}
}

// leave is the end of the command.
func (p *person) leave() {
	p.leaving.Do(func() { close(p.gone) })
	<-p.ended
}

func (p *person) size() (rows, cols int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rows, p.cols
}

// Next gives output to the screen.
func (p *person) Next(ctx context.Context) ([]byte, error) {
	select {
	case text := <-p.shown:
		return text, nil
	case <-p.gone:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Send types something.
func (p *person) Send(_ context.Context, keys []byte) error {
	p.attempt.reply(string(keys))
	return nil
}

// Resize hands a new size of the window on.
func (p *person) Resize(cols, rows int) error {
	p.mu.Lock()
	p.rows, p.cols = rows, cols
	p.mu.Unlock()
	select {
	case p.resized <- struct{}{}:
	default:
	}
	return nil
}

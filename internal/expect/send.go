package expect

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"gofab/internal/fault"
)

// Send writes to the program. When the program does not take it within the
// timeout (0 is the process's), that is an error; how much was taken is told.
func (p *Process) Send(ctx context.Context, text string, timeout time.Duration) error {
	select {
	case p.sending <- struct{}{}:
		defer func() { <-p.sending }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, program := p.stream.(Program); program && p.OutputEnded() && !p.Alive() {
		return p.fault(p.unsent(nil, 0, len(text))) // its terminal would take it for nobody
	}
	rest, refusal := p.fits(text)
	if refusal != nil {
		return p.fault(refusal)
	}
	n, err := p.write(ctx, text, defaulted(timeout, p.opts.Timeout))
	p.tell(Input, []byte(text[:n]))
	if err != nil {
		return p.fault(p.unsent(err, n, len(text)))
	}
	p.line = rest
	return nil
}

// fits refuses a line that the terminal would cut, and gives the length of the
// unfinished one.
func (p *Process) fits(text string) (int, *fault.Error) {
	terminal, ok := p.stream.(Terminal)
	rest := p.line
	limit := -1
	for _, c := range []byte(text) {
		if rest++; c == '\n' || c == '\r' || c == 4 {
			rest = 0
		}
		if rest > 4000 && ok && limit < 0 {
			limit = terminal.LineLimit()
		}
		if limit > 0 && rest > limit {
			return 0, fault.New(fault.Usage, "a line of more than %d bytes would be cut by the terminal", limit).
				WithHint("give it to a program without a terminal (expect.popen), or in a file")
		}
	}
	return rest, nil
}

// write has its own deadline and ends with ctx.
func (p *Process) write(ctx context.Context, text string, timeout time.Duration) (int, error) {
	limit := time.Time{}
	if timeout > 0 && timeout != Forever {
		limit = time.Now().Add(timeout)
	}
	if err := p.stream.SetWriteDeadline(limit); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = p.stream.SetWriteDeadline(time.Unix(1, 0)) })
	n, err := io.WriteString(p.stream, text)
	if !stop() && err != nil {
		return n, ctx.Err()
	}
	return n, err
}

func (p *Process) unsent(err error, n, all int) *fault.Error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.Timeout, "%s took %d of %d bytes and does not read on", p.named(), n, all).
			WithHint("wait for its prompt before you send")
	case fault.KindOf(err) == fault.Cancelled || errors.Is(err, context.DeadlineExceeded):
		return fault.From(err)
	case !p.Alive() || isEnd(err):
		return fault.New(fault.Failed, "%s has ended and takes no input", p.named())
	}
	return fault.Wrap(fault.Failed, err, "cannot send to %s", p.named())
}

// SendSlowly writes character by character, for lines that lose what comes too
// fast.
func (p *Process) SendSlowly(ctx context.Context, text string, pause time.Duration) error {
	for i := range len(text) {
		if err := p.Send(ctx, text[i:i+1], 0); err != nil {
			return err
		}
		if err := sleep(ctx, nil, pause); err != nil {
			return err
		}
	}
	return nil
}

// Control sends a control character: "c" is ^C, "[" is Escape.
func (p *Process) Control(ctx context.Context, key string) error {
	if len(key) != 1 {
		return fault.New(fault.Usage, "a control character is a letter or one of @ [ \\ ] ^ _ ?, got %q", key)
	}
	c := key[0]
	switch {
	case c >= 'a' && c <= 'z':
		c -= 'a' - 'A'
	case c == '?':
		c = 127 ^ 64
	}
	if c < '?' || c > '_' {
		return fault.New(fault.Usage, "there is no control character %q", key)
	}
	return p.Send(ctx, string([]byte{c ^ 64}), 0)
}

// SendEOF ends the input: a terminal gets its end-of-file character, which
// counts at the beginning of a line; elsewhere the input is closed.
func (p *Process) SendEOF(ctx context.Context) error {
	if closer, ok := p.stream.(InputCloser); ok {
		return closer.CloseWrite()
	}
	return p.special(ctx, "eof", 4)
}

// Interrupt is what Ctrl-C does.
func (p *Process) Interrupt(ctx context.Context) error {
	if i, ok := p.stream.(Interrupter); ok {
		return i.Interrupt()
	}
	return p.special(ctx, "intr", 3)
}

func (p *Process) special(ctx context.Context, name string, usual byte) error {
	c := usual
	if terminal, ok := p.stream.(Terminal); ok {
		if own, err := terminal.Control(name); err == nil && own != 0 {
			c = own
		}
	}
	return p.Send(ctx, string([]byte{c}), 0)
}

// WaitNoEcho waits until the terminal does not show what is typed, as programs
// have it when they ask for a password. It tells whether that came in time.
func (p *Process) WaitNoEcho(ctx context.Context, timeout time.Duration) (bool, error) {
	terminal, ok := p.stream.(Terminal)
	if !ok {
		return false, p.fault(fault.New(fault.Unsupported, "there is no terminal whose echo could be seen"))
	}
	off := false
	err := p.await(ctx, p.deadline(Wait{Timeout: timeout}), func(bool) (bool, time.Duration) {
		on, err := terminal.Echo()
		off = err == nil && !on
		return off || err != nil, 5 * time.Millisecond
	})
	if err != nil && err != errLate {
		return false, err
	}
	return off, nil
}

// isEnd says that a stream has just ended: at its end, closed by us, or a
// terminal whose other side is gone.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) || errors.Is(err, io.ErrClosedPipe) || isHangup(err)
}

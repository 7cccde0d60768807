package recording

import (
	"context"
	"io"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Play plays the program's part: it writes the recorded output and checks that
// the same is typed as then, line by line; for a secret any line is right. The
// result is the exit code. The caller ends a read of in when the context ends.
func (r *Recording) Play(ctx context.Context, in io.Reader, out io.Writer) (code int, err error) {
	p := player{ctx: ctx, in: in, out: out}
	for _, e := range r.Events {
		if err := p.event(e); err != nil {
			return 0, err
		}
		if e.Kind == Exit {
			return exitCode(e.Data)
		}
	}
	return 0, nil
}

type player struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	inputs int // how many were checked
}

func (p *player) event(e Event) error {
	if err := p.ctx.Err(); err != nil {
		return context.Cause(p.ctx)
	}
	switch e.Kind {
	case Output:
		if _, err := io.WriteString(p.out, e.Data); err != nil {
			return fault.Wrap(fault.Failed, err, "cannot write the recorded output")
		}
	case Input:
		p.inputs++
		return p.check(e.Data)
	case Secret:
		p.inputs++
		_, err := p.readLine("a secret")
		return err
	}
	return nil
}

func exitCode(text string) (int, error) {
	code, err := strconv.Atoi(text)
	if err != nil || code < 0 || code > 255 {
		return 0, fault.New(fault.Parse, "the recording has the exit code %q", text)
	}
	return code, nil
}

// check reads as much as was recorded and compares.
func (p *player) check(want string) error {
	if line, ok := strings.CutSuffix(want, "\r"); ok {
		got, err := p.readLine(quoted(line))
		if err == nil && got != edited(line) {
			err = p.wrong(quoted(line), got)
		}
		return err
	}
	var got strings.Builder
	for got.Len() < len(want) {
		b, err := p.readByte(quoted(want))
		if err != nil {
			return err
		}
		got.WriteByte(b)
		if !strings.HasPrefix(want, got.String()) {
			return p.wrong(quoted(want), got.String())
		}
	}
	return nil
}

// readLine reads up to Enter, and carries out corrections as a terminal does.
func (p *player) readLine(want string) (string, error) {
	var typed strings.Builder
	for {
		b, err := p.readByte(want)
		if err != nil {
			return "", err
		}
		if b == '\r' || b == '\n' {
			return edited(typed.String()), nil
		}
		if typed.WriteByte(b); typed.Len() > maxEcho {
			return "", p.wrong(want, typed.String()[:80]+"...")
		}
	}
}

// edited carries out the corrections in a line.
func edited(text string) string { return (&line{keys: keys(text)}).typed() }

func (p *player) readByte(want string) (byte, error) {
	var b [1]byte
	switch _, err := io.ReadFull(p.in, b[:]); {
	case err == nil:
		return b[0], nil
	case p.ctx.Err() != nil:
		return 0, context.Cause(p.ctx)
	case err == io.EOF && want == quoted("\x04"):
		return 4, nil // the end of a pipe means the same
	default:
		return 0, fault.New(fault.Failed, "the input ended before input %d: want %s", p.inputs, want)
	}
}

func (p *player) wrong(want, got string) error {
	return fault.New(fault.Failed, "input %d differs from the recording: want %s, got %s", p.inputs, want, quoted(got)).
		WithHint("record the session anew if the program has changed")
}

package expect

import (
	"bytes"
	"context"
	"strings"
	"time"
)

// Read gives the next n bytes of output, fewer at its end.
func (p *Process) Read(ctx context.Context, n int, timeout time.Duration) (string, error) {
	return p.readUntil(ctx, timeout, func(text []byte, ended bool) (int, bool) {
		return min(n, len(text)), len(text) >= n
	})
}

// ReadAll gives all output up to its end.
func (p *Process) ReadAll(ctx context.Context, timeout time.Duration) (string, error) {
	return p.readUntil(ctx, timeout, func(text []byte, ended bool) (int, bool) { return len(text), false })
}

// ReadLine gives the next line without its end; ok is false at the end of the
// output.
func (p *Process) ReadLine(ctx context.Context, timeout time.Duration) (line string, ok bool, err error) {
	looked := 0
	text, err := p.readUntil(ctx, timeout, func(text []byte, ended bool) (int, bool) {
		at := bytes.IndexByte(text[min(looked, len(text)):], '\n')
		if at >= 0 {
			return looked + at + 1, true
		}
		looked = len(text)
		return len(text), false
	})
	if err != nil || text == "" {
		return "", false, err
	}
	text = strings.TrimSuffix(text, "\n")
	return strings.TrimSuffix(text, "\r"), true, nil
}

// readUntil takes the beginning of the output once enough of it is there, or
// all of it at its end. A timeout takes nothing.
func (p *Process) readUntil(ctx context.Context, timeout time.Duration, enough func(text []byte, ended bool) (int, bool)) (string, error) {
	var taken string
	err := p.await(ctx, p.deadline(Wait{Timeout: timeout}), func(bool) (bool, time.Duration) {
		p.mu.Lock()
		defer p.mu.Unlock()
		n, ok := enough(p.buf.from(p.buf.base), p.ended)
		if !ok && !p.ended {
			p.look(p.buf.end())
			return false, 0
		}
		to := p.buf.base + int64(n)
		taken = p.buf.between(p.buf.base, to)
		p.take(to)
		return true, 0
	})
	if err == errLate {
		q := &question{p: p}
		err = q.late(defaulted(timeout, p.opts.Timeout))
	}
	if err != nil {
		return "", p.readFault(err)
	}
	return taken, nil
}

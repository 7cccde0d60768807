package command

import (
	"context"
	"io"
)

// Executor runs one composed line somewhere: over an SSH connection or on the
// local machine, in a process group of its own.
//
// Exec returns once the command has ended and its output has been written, or
// within 100 ms of the end of ctx; by then the command and its children have
// been told to end. A command that ran and failed is not an error: its Exit
// says so. An error means that nobody knows the exit (fault.Lost), that the
// command could not be started, or that ctx ended (ctx.Err() or an error
// around it).
type Executor interface {
	Exec(ctx context.Context, req Exec) (Exit, error)
}

// Exec is one line for an executor.
type Exec struct {
	// Line is for the login shell of the host.
	Line string
	// Stdin is read to its end or until the command ends; a Read that is
	// pending then does not hold up Exec, and whoever gave the reader makes it
	// return. Nil is an empty standard input.
	Stdin io.Reader
	// Stdout and Stderr are never written to by two goroutines each, nor after
	// Exec has returned. Nil discards. Under a PTY all output is Stdout.
	Stdout, Stderr io.Writer
	// PTY asks for a pseudo terminal; nil is none.
	PTY *PTY
	// Env goes beside the line, where the other side accepts it.
	Env map[string]string
	// Request is what the line was made of, for who records or replays it; nil
	// when nobody says.
	Request *Request
}

// PTY asks for a pseudo terminal.
type PTY struct {
	Term string // terminal type, e.g. "xterm-256color"
	Rows int    // character cells
	Cols int    // character cells

	// Resized tells, after the fact, that Size gives something else now. Nil is
	// a terminal that keeps its size.
	Resized <-chan struct{}
	Size    func() (rows, cols int)
}

// Follow calls resize for each new size until done is closed.
func (p *PTY) Follow(done <-chan struct{}, resize func(rows, cols int)) {
	if p == nil || p.Resized == nil {
		return
	}
	for {
		select {
		case _, open := <-p.Resized:
			if !open {
				return
			}
			resize(p.Size())
		case <-done:
			return
		}
	}
}

// Exit is how a command ended.
type Exit struct {
	Code   int    // exit status; 128+n when signal n ended the command
	Signal string // name without SIG, e.g. "TERM" (RFC 4254, section 6.10); empty after a normal exit
}

// Unwatched tells an executor whose commands have no link that could be lost, so
// that their input need not stay open to tell them of its end.
func Unwatched(ex Executor) bool {
	u, ok := ex.(interface{ Unwatched() bool })
	return ok && u.Unwatched()
}

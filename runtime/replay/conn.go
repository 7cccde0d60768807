package replay

import (
	"context"
	"io"
	"sync"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/sshclient"
	"gofab/internal/transfer"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// Plays tells whether a double plays a host.
func (d *Double) Plays(host string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cast(host) != nil
}

// Dial gives the way to a host that a double plays.
func (d *Double) Dial(ctx context.Context, h *inventory.Host) (transport.Conn, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.cast(h.Name)
	if c == nil {
		return nil, d.noHost(h.Name)
	}
	if len(c.dials) > 0 {
		problem := c.dials[0]
		if len(c.dials) > 1 { // the last one holds for all that follow
			c.dials = c.dials[1:]
		}
		if err := problem.err(); err != nil {
			return nil, err
		}
	}
	return &conn{double: d, host: h.Name, cast: c, done: make(chan struct{})}, nil
}

// conn is a connection to a host that a double plays.
type conn struct {
	double *Double
	host   string
	cast   *cast
	once   sync.Once
	done   chan struct{}
}

// Exec answers a command.
func (c *conn) Exec(ctx context.Context, req command.Exec) (command.Exit, error) {
	if err := context.Cause(ctx); err != nil {
		return command.Exit{}, err
	}
	e, err := c.double.find(ctx, c.host, req)
	if err != nil {
		return command.Exit{}, err
	}
	stdout, stderr := orDiscard(req.Stdout), orDiscard(req.Stderr)
	if req.PTY != nil {
		stderr = stdout
	}
	_, _ = io.WriteString(stderr, spoken(req.Line, e.PID))
	for _, piece := range e.Output {
		to := stdout
		if piece.Stream == event.Stderr {
			to = stderr
		}
		if _, err := to.Write(piece.Text); err != nil {
			return command.Exit{}, fault.From(err)
		}
	}
	switch {
	case e.TimedOut:
		return command.Exit{}, command.TimeLimit
	case e.Error != nil:
		return command.Exit{}, e.Error.err()
	case e.Cut:
		return command.Exit{}, fault.New(fault.Failed, "%s has only the first %d MiB of the output of %s", c.double.what, most>>20, quoted(e.Command))
	}
	return command.Exit{Code: e.Code, Signal: e.Signal}, nil
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// Files gives the files of the login user.
func (c *conn) Files(context.Context) (transfer.FS, error) { return c.cast.files.as("") }

// FilesAs gives the files of another user.
func (c *conn) FilesAs(user string, _ func(transport.Conn) (transfer.FS, error)) (transfer.FS, error) {
	return c.cast.files.as(user)
}

// Start refuses dialogues: what a person or a program says next, no record can
// know.
func (c *conn) Start(context.Context, command.Exec) (*sshclient.Process, error) {
	return nil, fault.New(fault.Unsupported, "a replay has no dialogues: spawn, shell and the like").
		WithHint("gofab record and gofab replay make a fake of a program that talks")
}

func (c *conn) Done() <-chan struct{} { return c.done }

func (c *conn) Close() error {
	c.once.Do(func() { close(c.done) })
	return nil
}

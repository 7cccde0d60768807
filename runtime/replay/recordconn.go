package replay

import (
	"context"
	"errors"
	"time"

	"gofab/internal/command"
	"gofab/internal/portforward"
	"gofab/internal/sshtalk"
	"gofab/internal/transfer"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// Dial records everything that goes over the connections that dial opens.
func (r *Recorder) Dial(dial transport.Dial) transport.Dial {
	return func(ctx context.Context, h *inventory.Host) (transport.Conn, error) {
		conn, err := dial(ctx, h)
		r.write(Dial{nameDial, h.Name, r.cleanProblem(err)})
		if err != nil {
			return nil, err
		}
		return r.wrap(conn, h.Name), nil
	}
}

// wrap keeps what else a connection can do: dialogues, forwarding, restarts.
// They are shown in the events, but cannot be replayed.
func (r *Recorder) wrap(conn transport.Conn, host string) transport.Conn {
	c := &recorded{Conn: conn, recorder: r, host: host}
	remote, isRemote := conn.(overSSH)
	restarter, restarts := conn.(interface{ Restart() error })
	switch {
	case isRemote && restarts:
		return &recordedStage{&recordedSSH{c, remote, remote, remote}, restarter.Restart}
	case isRemote:
		return &recordedSSH{c, remote, remote, remote}
	default:
		return c
	}
}

type recorded struct {
	transport.Conn
	recorder *Recorder
	host     string
}

// overSSH is what connections over SSH have in common.
type overSSH interface {
	sshtalk.Starter
	portforward.Client
	transport.Informed
}

type recordedSSH struct {
	*recorded
	sshtalk.Starter
	portforward.Client
	transport.Informed
}

type recordedStage struct {
	*recordedSSH
	restart func() error
}

func (c *recordedStage) Restart() error { return c.restart() }

// Unwatched is as the connection has it.
func (c *recorded) Unwatched() bool { return command.Unwatched(c.Conn) }

// Exec runs a command and writes down what it said.
func (c *recorded) Exec(ctx context.Context, req command.Exec) (command.Exit, error) {
	t := &tape{size: map[string]int{}}
	var flushOut, flushErr func()
	req.Stdout, flushOut = t.stream(event.Stdout, req.Stdout, c.recorder.secrets)
	req.Stderr, flushErr = t.stream(event.Stderr, req.Stderr, c.recorder.secrets)
	began := time.Now()
	exit, err := c.Conn.Exec(ctx, req)
	flushOut()
	flushErr()
	text, options := asked(req)
	output, pid := t.heard()
	c.recorder.write(Exec{
		Event: nameExec, Host: c.host, Command: c.recorder.clean(text), Options: c.recorder.cleanOptions(options),
		Output: output, PID: pid, Cut: t.cut, Code: exit.Code, Signal: exit.Signal, Error: c.recorder.cleanProblem(err),
		TimedOut: err != nil && errors.Is(context.Cause(ctx), command.TimeLimit), Duration: event.Seconds(time.Since(began)),
	})
	return exit, err
}

// Files records the file system of the login user.
func (c *recorded) Files(ctx context.Context) (transfer.FS, error) {
	files, err := c.Conn.Files(ctx)
	if err != nil {
		c.recorder.write(File{Event: nameFile, Host: c.host, Op: opFiles, Error: c.recorder.cleanProblem(err)})
		return nil, err
	}
	return &recordedFS{inner: files, recorder: c.recorder, host: c.host}, nil
}

// FilesAs records the file system of another user, which open reaches over the
// connection.
func (c *recorded) FilesAs(user string, open func(transport.Conn) (transfer.FS, error)) (transfer.FS, error) {
	files, err := open(c.Conn)
	if err != nil {
		c.recorder.write(File{Event: nameFile, Host: c.host, User: user, Op: opFiles, Error: c.recorder.cleanProblem(err)})
		return nil, err
	}
	return &recordedFS{inner: files, recorder: c.recorder, host: c.host, user: user}, nil
}

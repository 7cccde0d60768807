package sshclient

import (
	"context"
	"errors"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/fault"
)

// Process is a command that runs on the host.
type Process struct {
	client  *Client
	ch      ssh.Channel
	release func()         // of the session's slot
	input   *io.PipeWriter // nil without input

	stdout, stderr *drain
	drained        chan struct{} // closed when both streams are at their end

	status chan command.Exit // gets the exit, if the server tells one
	closed chan struct{}     // closed when the channel is gone

	done chan struct{} // closed when exit and err are set
	exit command.Exit
	err  error
}

var _ command.Executor = (*Client)(nil)

// Exec runs one line and waits for its end; see command.Executor for the
// contract.
func (c *Client) Exec(ctx context.Context, req command.Exec) (command.Exit, error) {
	p, err := c.begin(ctx, req, forCommand)
	if err != nil {
		return command.Exit{}, err
	}
	return p.Wait()
}

// Start begins a command whose whole life ctx bounds; an empty line is the
// login shell. When ctx ends, the command gets a TERM and the end of its input
// and, 2 s later, a KILL. An OpenSSH server passes signals on unless the login
// is root's; the watcher of internal/shell ends those commands.
//
// Stdin is read by a goroutine of its own, which nobody waits for: a Read that
// never returns holds that goroutine and nothing else. A terminal has no end of
// input: under a PTY, Stdin is followed by ^D, and without one nobody types.
//
// It counts as a dialogue, whose end nobody else waits for: Exec is for commands.
func (c *Client) Start(ctx context.Context, req command.Exec) (*Process, error) {
	return c.begin(ctx, req, forDialogue)
}

func (c *Client) begin(ctx context.Context, req command.Exec, u use) (*Process, error) {
	if ctx.Err() != nil {
		return nil, c.stopped(ctx)
	}
	ch, requests, release, err := c.openSession(ctx, u)
	if err != nil {
		return nil, err
	}
	p := &Process{
		client: c, ch: ch, release: release,
		status: make(chan command.Exit, 1), closed: make(chan struct{}),
		drained: make(chan struct{}), done: make(chan struct{}),
		stdout: newDrain(req.Stdout, c.link), stderr: newDrain(req.Stderr, c.link),
	}
	go p.listen(requests)
	if err := p.launch(ctx, req); err != nil {
		p.abort(ctx)
		return nil, err
	}
	p.pump(req)
	if req.PTY != nil && req.PTY.Resized != nil {
		go req.PTY.Follow(p.done, func(rows, cols int) { _ = p.Resize(rows, cols) })
	}
	go p.supervise(ctx)
	return p, nil
}

// launch asks for everything a command needs and for the command itself.
func (p *Process) launch(ctx context.Context, req command.Exec) error {
	p.requestAgent()
	for _, assignment := range p.client.env {
		name, value, _ := strings.Cut(assignment, "=")
		p.setenv(name, value)
	}
	for name, value := range req.Env {
		p.setenv(name, value)
	}
	if req.PTY != nil {
		if err := p.client.request(ctx, p.ch, "pty-req", ptyRequest(req.PTY)); err != nil {
			return p.refusal(err, "the server refused a terminal")
		}
	}
	if req.Line == "" {
		return p.refusal(p.client.request(ctx, p.ch, "shell", nothing{}), "the server refused a shell")
	}
	err := p.client.request(ctx, p.ch, "exec", struct{ Line string }{req.Line})
	return p.refusal(err, "the server refused to run a command")
}

// nothing is an empty payload; ssh.Marshal does not take a struct without
// fields.
type nothing struct {
	Rest []byte `ssh:"rest"`
}

// setenv sends a variable. Most servers refuse most names (AcceptEnv), so there
// is nothing to learn from the answer.
func (p *Process) setenv(name, value string) {
	_, _ = p.ch.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{name, value}))
}

func (p *Process) refusal(err error, text string) error {
	if !errors.Is(err, errRefused) {
		return err
	}
	return onHost(p.client.name, fault.New(fault.Denied, "%s", text))
}

// Wait waits for the end of the command, or of its context.
func (p *Process) Wait() (command.Exit, error) {
	<-p.done
	return p.exit, p.err
}

// Done is closed when Wait would return at once.
func (p *Process) Done() <-chan struct{} { return p.done }

// Signal sends a signal by its name without SIG (RFC 4254, section 6.9). There
// is no answer to it; that it will not arrive is an error where we know.
func (p *Process) Signal(name string) error {
	_, err := p.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{name}))
	if i := p.client.Info(); err == nil && i.User == "root" && strings.Contains(i.ServerVersion, "OpenSSH") {
		e := fault.New(fault.Unsupported, "OpenSSH passes no signal on to what root has started").
			WithHint("press Ctrl-C, or close its channel")
		return onHost(p.client.name, e)
	}
	return err
}

// Resize tells the terminal of the command its new size in character cells.
func (p *Process) Resize(rows, cols int) error {
	size := struct{ Cols, Rows, Width, Height uint32 }{uint32(cols), uint32(rows), 0, 0}
	_, err := p.ch.SendRequest("window-change", false, ssh.Marshal(size))
	return err
}

// supervise waits for the end and settles it.
func (p *Process) supervise(ctx context.Context) {
	exit, err := p.outcome(ctx)
	p.stdout.mute()
	p.stderr.mute()
	if err == nil {
		err = p.writeError()
	}
	if err != nil {
		err = onHost(p.client.name, err)
	}
	p.exit, p.err = exit, err
	p.endInput()
	if ctx.Err() == nil {
		close(p.done)
		_ = p.ch.Close() // the server may have closed it already
		return
	}
	defer p.client.beginEnding()()
	close(p.done)
	p.end()
}

// outcome is the exit and whether it can be relied upon.
func (p *Process) outcome(ctx context.Context) (command.Exit, error) {
	var exit command.Exit
	select {
	case exit = <-p.status:
	case <-p.closed:
		select {
		case exit = <-p.status:
		default:
			return exit, p.noStatus()
		}
	case <-ctx.Done():
		return exit, p.client.stopped(ctx)
	}
	return exit, p.awaitOutput(ctx, exit)
}

// noStatus is the end of a channel without any word about the command.
func (p *Process) noStatus() error {
	const text = "nobody knows how the command ended"
	err := p.client.orLost(errors.New("the command's channel was closed without an exit status"))
	return fault.Wrap(fault.Lost, errors.New(fault.From(err).Text()), text).
		WithHint("the command may have run, look before it is started again")
}

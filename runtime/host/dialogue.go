package host

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"

	"gofab/internal/command"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/ptyproc"
	"gofab/internal/shell"
	"gofab/internal/sshclient"
	"gofab/runtime/inventory"
)

// A handle is where dialogues can be held.
var _ engine.Starter = (*Handle)(nil)

// starter is a connection on which commands run that can be resized and sent
// signals.
type starter interface {
	Start(ctx context.Context, req command.Exec) (*sshclient.Process, error)
}

// Dialogue starts a program inside the scope. Under sudo the terminal shows
// sudo's own question for the password.
func (h *Handle) Dialogue(ctx context.Context, c engine.Command) (engine.Stream, error) {
	line, err := h.line(c)
	if err != nil {
		return nil, h.named(err)
	}
	conn, err := h.conn(ctx)
	if err != nil {
		return nil, err
	}
	if remote, ok := conn.(starter); ok {
		return startRemote(ctx, remote, line, c)
	}
	if h.Name != inventory.LocalName {
		return nil, h.named(fault.New(fault.Unsupported, "the way to this host has no terminals"))
	}
	if line == "" {
		line = "exec ${SHELL:-/bin/sh} -l"
	}
	if c.Term != "" {
		line = "TERM=" + c.Term + "; export TERM; " + line
	}
	local := ptyproc.Options{Args: []string{shell.POSIX, "-c", line}, Pipes: c.Pipes, Rows: c.Rows, Cols: c.Cols, Echo: c.Echo}
	return ptyproc.Start(local)
}

// line composes what the login shell gets; "" is the shell itself.
func (h *Handle) line(c engine.Command) (string, error) {
	scope := h.scope
	if c.Line == "" && len(c.Args) == 0 {
		return "", nil
	}
	prefix := scope.Prefix
	if !c.Echo && !c.Pipes {
		prefix = append([]string{"{ stty -echo 2>/dev/null; :; }"}, prefix...)
	}
	line, err := shell.Compose(shell.Command{
		Line: c.Line, Args: c.Args, Cwd: joinCwd(scope.Cwd, c.Cwd), Env: mergeEnv(scope.Env, c.Env), Prefix: prefix,
	})
	if err != nil || !scope.privileged() {
		return line, err
	}
	words := []string{"exec", "sudo", "-H"}
	if scope.User != "" {
		words = append(words, "-u", scope.User)
	}
	quoted, err := shell.Join(append(words[1:], "--", shell.POSIX, "-c", line))
	return words[0] + " " + quoted, err
}

// startRemote joins a command on a connection to a stream.
func startRemote(ctx context.Context, on starter, line string, c engine.Command) (engine.Stream, error) {
	ours, theirs := net.Pipe()
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	request := command.Exec{Line: line, Stdin: theirs, Stdout: theirs}
	if c.Pipes {
		request.Stderr = theirs
	} else {
		request.PTY = &command.PTY{Term: c.Term, Rows: c.Rows, Cols: c.Cols}
	}
	giveUp := context.AfterFunc(ctx, stop)
	defer giveUp()
	process, err := on.Start(running, request)
	if err != nil {
		stop()
		_, _ = ours.Close(), theirs.Close()
		return nil, err
	}
	r := &remote{Conn: ours, process: process, stop: stop}
	go func() {
		<-process.Done()
		_ = theirs.Close()
	}()
	if c.Pipes {
		return &remotePipes{r}, nil
	}
	return r, nil
}

// remote is a program on a host as a stream.
type remote struct {
	net.Conn
	process *sshclient.Process
	stop    context.CancelFunc
	once    sync.Once
}

// Read tells a link that broke from output that ended.
func (r *remote) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if err == io.EOF {
		select {
		case <-r.process.Done():
			if _, lost := r.process.Wait(); lost != nil {
				return n, lost
			}
		default:
		}
	}
	return n, err
}

// Resize tells the terminal its size.
func (r *remote) Resize(rows, cols int) error { return r.process.Resize(rows, cols) }

// Done is closed at the end of the program.
func (r *remote) Done() <-chan struct{} { return r.process.Done() }

// Signal sends a signal.
func (r *remote) Signal(name string) error {
	return r.process.Signal(strings.TrimPrefix(strings.ToUpper(name), "SIG"))
}

// Wait gives the exit: a signal has no code.
func (r *remote) Wait(ctx context.Context) (engine.Exit, error) {
	select {
	case <-r.process.Done():
	case <-ctx.Done():
		return engine.Exit{}, ctx.Err()
	}
	exit, err := r.process.Wait()
	if exit.Signal != "" {
		return engine.Exit{Code: -1, Signal: exit.Signal}, err
	}
	return engine.Exit{Code: exit.Code}, err
}

// Close ends the program.
func (r *remote) Close() error {
	r.once.Do(func() {
		r.stop()
		_ = r.Conn.Close()
		<-r.process.Done()
	})
	return nil
}

// remotePipes is one without a terminal.
type remotePipes struct{ *remote }

// Interrupt sends INT, as a terminal would.
func (r *remotePipes) Interrupt() error { return r.Signal("INT") }

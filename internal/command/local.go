package command

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gofab/internal/fault"
	"gofab/internal/shell"
)

const (
	// grace is what a process group has between TERM and KILL.
	grace = 2 * time.Second
	// patience is how much of its grace Exec itself waits for.
	patience = 80 * time.Millisecond
	// quiet without output ends the reading from children that a command has
	// left behind.
	quiet = 200 * time.Millisecond
)

// Local runs commands on this machine. The zero value is ready; it is closed
// at the end of a run.
type Local struct {
	Shell []string // program and arguments that take a line; nil is /bin/sh -c
	Env   []string // "NAME=value"; nil is the environment of this process
	Dir   string   // where commands start; empty is where this process is

	ending     sync.WaitGroup // process groups in their grace
	once, shut sync.Once
	closed     chan struct{} // see closing
}

var _ Executor = (*Local)(nil)

// process is one command with our ends of its streams.
type process struct {
	cmd     *exec.Cmd
	theirs  []*os.File // closed once the child has them
	stdin   *os.File   // nil without input
	outputs []*output
	reading sync.WaitGroup
}

// Exec runs a line; see Executor.
func (l *Local) Exec(ctx context.Context, req Exec) (Exit, error) {
	if err := ctx.Err(); err != nil {
		return Exit{}, err
	}
	p, err := l.start(req)
	if err != nil {
		return Exit{}, startError(err)
	}
	drained := p.attend(req.Stdin)
	if req.PTY != nil && req.PTY.Resized != nil {
		go req.PTY.Follow(drained, p.resize)
	}
	select {
	case <-drained:
		p.close()
		return exitOf(p.cmd.ProcessState), nil
	case <-ctx.Done():
		l.end(p, drained)
		return Exit{}, ctx.Err()
	}
}

// start gives the command a process group, or a session with a terminal.
func (l *Local) start(req Exec) (*process, error) {
	argv := l.Shell
	if argv == nil {
		argv = []string{shell.POSIX, "-c"}
	}
	cmd := exec.Command(argv[0], append(argv[1:len(argv):len(argv)], req.Line)...)
	cmd.Dir, cmd.Env = l.Dir, l.environment(req)
	p := &process{cmd: cmd}
	var err error
	if req.PTY != nil {
		err = p.startTerminal(req)
	} else {
		err = p.startPipes(req)
	}
	for _, f := range p.theirs {
		_ = f.Close()
	}
	if err != nil {
		p.close()
	}
	return p, err
}

func (l *Local) environment(req Exec) []string {
	if l.Env == nil && len(req.Env) == 0 && req.PTY == nil {
		return nil
	}
	env := l.Env
	if env == nil {
		env = os.Environ()
	}
	env = env[:len(env):len(env)]
	for name, value := range req.Env {
		env = append(env, name+"="+value)
	}
	if req.PTY != nil {
		env = append(env, "TERM="+req.PTY.Term)
	}
	return env
}

func (p *process) startTerminal(req Exec) error {
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	size := &pty.Winsize{Rows: uint16(req.PTY.Rows), Cols: uint16(req.PTY.Cols)}
	terminal, err := pty.StartWithAttrs(p.cmd, size, p.cmd.SysProcAttr)
	if err != nil {
		return err
	}
	p.stdin = terminal
	p.outputs = []*output{{from: terminal, to: req.Stdout}}
	return nil
}

// startPipes leaves a stream that nobody wants to /dev/null.
func (p *process) startPipes(req Exec) error {
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if req.Stdin != nil {
		if p.cmd.Stdin, p.stdin, err = p.pipe(true); err != nil {
			return err
		}
	}
	if req.Stdout != nil {
		if p.cmd.Stdout, err = p.output(req.Stdout); err != nil {
			return err
		}
	}
	if req.Stderr != nil {
		if p.cmd.Stderr, err = p.output(req.Stderr); err != nil {
			return err
		}
	}
	return p.cmd.Start()
}

// resize tells the terminal its size. It comes beside the end of the command, so
// it must not touch the descriptor of a file that is being closed.
func (p *process) resize(rows, cols int) {
	conn, err := p.stdin.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) {
		_ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(cols)})
	})
}

func (p *process) output(to io.Writer) (theirs *os.File, err error) {
	theirs, ours, err := p.pipe(false)
	if err == nil {
		p.outputs = append(p.outputs, &output{from: ours, to: to})
	}
	return theirs, err
}

func (p *process) pipe(input bool) (theirs, ours *os.File, err error) {
	ours, theirs, err = os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	if input {
		ours, theirs = theirs, ours
	}
	p.theirs = append(p.theirs, theirs)
	return theirs, ours, nil
}

// attend moves the streams and waits for the end; drained is closed when the
// command has ended and all its output was written.
func (p *process) attend(stdin io.Reader) (drained chan struct{}) {
	if stdin != nil {
		go p.feed(stdin)
	}
	for _, o := range p.outputs {
		p.reading.Go(o.drain)
	}
	drained = make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // the exit is read from ProcessState
		for _, o := range p.outputs {
			o.hurry()
		}
		p.reading.Wait()
		close(drained)
	}()
	return drained
}

// feed ends with its reader, or with a write after the command's end. In a
// terminal the end of input is a character, which is the reader's business.
func (p *process) feed(stdin io.Reader) {
	_, _ = io.Copy(p.stdin, stdin)
	if !p.terminal() {
		_ = p.stdin.Close()
	}
}

// terminal says that input and output are the same.
func (p *process) terminal() bool {
	return len(p.outputs) > 0 && p.outputs[0].from == p.stdin
}

// close releases our ends. What is still writing gets SIGPIPE or SIGHUP.
func (p *process) close() {
	if p.stdin != nil {
		_ = p.stdin.Close()
	}
	for _, o := range p.outputs {
		_ = o.from.Close()
	}
}

// output moves one stream. It reads on after it was muted, so that a command
// that cleans up does not die of its last words.
type output struct {
	from  *os.File
	late  atomic.Bool // the command has ended
	mu    sync.Mutex
	to    io.Writer // nil discards
	bytes [32 << 10]byte
}

func (o *output) drain() {
	for {
		if o.late.Load() {
			_ = o.from.SetReadDeadline(time.Now().Add(quiet))
		}
		n, err := o.from.Read(o.bytes[:])
		o.put(o.bytes[:n])
		if err != nil {
			return
		}
	}
}

func (o *output) put(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.to != nil && len(p) > 0 {
		if _, err := o.to.Write(p); err != nil {
			o.to = nil
		}
	}
}

func (o *output) mute() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
}

// hurry is called at the end of the command: children that it left behind may
// keep the stream open for ever.
func (o *output) hurry() {
	o.late.Store(true)
	_ = o.from.SetReadDeadline(time.Now().Add(quiet))
}

func exitOf(state *os.ProcessState) Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return Exit{Code: state.ExitCode()}
	}
	name := strings.TrimPrefix(unix.SignalName(status.Signal()), "SIG")
	return Exit{Code: 128 + int(status.Signal()), Signal: name}
}

func startError(err error) error {
	e := fault.Wrap(fault.Failed, err, "cannot start a command")
	switch {
	case errors.Is(err, syscall.E2BIG):
		e.Kind, e.Hint = fault.Usage, "the command is too long; upload a script and run that"
	case errors.Is(err, os.ErrNotExist):
		e.Kind = fault.NotFound
	case errors.Is(err, os.ErrPermission):
		e.Kind = fault.Denied
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.EAGAIN):
		e.Hint = "this machine is at a limit (ulimit -n, ulimit -u); run fewer hosts at once"
	}
	return e
}

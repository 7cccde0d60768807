// Package ptyproc runs programs on this machine for dialogues: on a terminal
// of their own, or on pipes.
//
// A program ends with its dialogue: closing it hangs up, and what does not end
// by that is killed with its children. Nobody has to wait for it: it is reaped
// by itself, and how it ended can be asked for at any time, with the same
// answer. The file of the terminal can be polled, so that a program that does
// not read cannot hold up who writes, and a child that fled cannot hold up who
// reads.
package ptyproc

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gofab/internal/expect"
	"gofab/internal/fault"
)

// Options say what to run and how.
type Options struct {
	Args []string // the program and its arguments
	Dir  string
	Env  []string // "NAME=value"; PATH in it is where the program is looked for
	// Pipes runs it without a terminal; standard error joins the output.
	Pipes bool
	Rows  int // of the terminal; 0 is 24
	Cols  int // 0 is 80
	Echo  bool
}

const (
	// grace is what a program has between hangup and kill.
	grace = 100 * time.Millisecond
	// quiet without output ends the reading from children that a program has
	// left behind.
	quiet = 200 * time.Millisecond
)

// Process is a program that runs.
type Process struct {
	cmd    *exec.Cmd
	out    *os.File // its output, and with a terminal its input as well
	in     *os.File
	theirs []*os.File
	pty    bool
	late   atomic.Bool // the program has ended
	done   chan struct{}
	exit   expect.Exit
}

var (
	_ expect.Stream  = (*Process)(nil)
	_ expect.Program = (*Process)(nil)
	_ expect.Local   = (*Process)(nil)
)

// Start runs a program. One on a terminal is a *Terminal.
func Start(o Options) (expect.Stream, error) {
	if len(o.Args) == 0 || o.Args[0] == "" {
		return nil, fault.New(fault.Usage, "there is no program to run")
	}
	path, err := find(o.Args[0], o.Dir, o.Env)
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: path, Args: o.Args, Dir: o.Dir, Env: o.Env}
	p := &Process{cmd: cmd, pty: !o.Pipes, done: make(chan struct{})}
	start := p.startTerminal
	if o.Pipes {
		start = p.startPipes
	}
	err = start(o)
	for _, f := range p.theirs {
		_ = f.Close()
	}
	if err != nil {
		p.closeFiles()
		return nil, startError(err, o)
	}
	go p.reap()
	if p.pty {
		return &Terminal{p}, nil
	}
	return &Piped{p}, nil
}

// startPipes gives the program a group of its own.
func (p *Process) startPipes(Options) error {
	input, in, err := os.Pipe()
	if err != nil {
		return err
	}
	p.in, p.theirs = in, append(p.theirs, input)
	out, output, err := os.Pipe()
	if err != nil {
		return err
	}
	p.out, p.theirs = out, append(p.theirs, output)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = input, output, output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return p.cmd.Start()
}

// find looks for a program in the PATH of its own environment.
func find(name, dir string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	path := os.Getenv("PATH")
	for _, assignment := range env {
		if value, ok := strings.CutPrefix(assignment, "PATH="); ok {
			path = value
		}
	}
	for _, folder := range strings.Split(path, ":") {
		candidate := folder + "/" + name
		if dir != "" && !strings.HasPrefix(folder, "/") {
			candidate = dir + "/" + candidate
		}
		info, err := os.Stat(candidate)
		if err == nil && !info.IsDir() && unix.Access(candidate, unix.X_OK) == nil {
			return candidate, nil
		}
	}
	return "", fault.New(fault.NotFound, "there is no program %q in PATH", name).
		WithHint(`a shell line needs a shell: {"sh", "-c", "..."}`)
}

func startError(err error, o Options) error {
	if o.Dir != "" {
		if _, dirErr := os.Stat(o.Dir); dirErr != nil {
			return fault.OS(dirErr, "cannot run %s in %s", o.Args[0], o.Dir)
		}
	}
	e := fault.OS(err, "cannot run %s", o.Args[0])
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.EAGAIN) {
		e.Hint = "this machine is at a limit (ulimit -n, ulimit -u); run fewer at once"
	}
	return e
}

// reap waits for the program and remembers how it ended.
func (p *Process) reap() {
	_ = p.cmd.Wait() // the exit is read from ProcessState
	p.exit = exitOf(p.cmd.ProcessState)
	p.late.Store(true)
	_ = p.out.SetReadDeadline(time.Now().Add(quiet))
	close(p.done)
}

func exitOf(state *os.ProcessState) expect.Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return expect.Exit{Code: -1, Signal: strings.TrimPrefix(unix.SignalName(status.Signal()), "SIG")}
	}
	return expect.Exit{Code: state.ExitCode()}
}

// Read gives output. After the program's end it goes on as long as what the
// program left behind keeps talking.
func (p *Process) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		if n = p.rest(b); n == 0 {
			return 0, io.EOF
		}
		err = nil
	case errors.Is(err, syscall.EIO):
		return n, io.EOF
	}
	if err == nil && p.late.Load() {
		_ = p.out.SetReadDeadline(time.Now().Add(quiet))
	}
	return n, err
}

// rest reads what is there: a read behind its deadline does not even look.
func (p *Process) rest(b []byte) (n int) {
	raw, err := p.out.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { n, _ = unix.Read(int(fd), b) })
	return max(n, 0)
}

// Write gives input.
func (p *Process) Write(b []byte) (int, error) { return p.in.Write(b) }

// SetWriteDeadline limits writes.
func (p *Process) SetWriteDeadline(t time.Time) error { return p.in.SetWriteDeadline(t) }

// Pid is the number of the process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the end of the program.
func (p *Process) Wait(ctx context.Context) (expect.Exit, error) {
	select {
	case <-p.done:
		return p.exit, nil
	default:
	}
	select {
	case <-p.done:
		return p.exit, nil
	case <-ctx.Done():
		return expect.Exit{}, ctx.Err()
	}
}

// Signal sends a signal to the program and its children.
func (p *Process) Signal(name string) error {
	number := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	if number == 0 {
		return fault.New(fault.Usage, "there is no signal %q", name).WithHint("HUP INT QUIT TERM KILL USR1 USR2 CONT STOP WINCH")
	}
	p.kill(number)
	return nil
}

// kill reaches the group of the program. A program that was reaped has no
// number any more.
func (p *Process) kill(number syscall.Signal) {
	if !p.late.Load() {
		_ = syscall.Kill(-p.Pid(), number)
	}
}

func (p *Process) closeFiles() {
	for _, f := range []*os.File{p.in, p.out} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// Close hangs up. The program is gone when it returns.
func (p *Process) Close() error {
	p.end(0)
	return nil
}

// end hangs up, and kills the program and its children if that does not help.
// A further group is that in the foreground of its terminal.
func (p *Process) end(group int) {
	p.kill(syscall.SIGHUP)
	p.kill(syscall.SIGCONT)
	p.closeFiles()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	if group == 0 {
		select {
		case <-p.done:
			return
		case <-timer.C:
		}
	} else { // the kernel has hung up on it; nobody tells when it is gone
		_ = syscall.Kill(-group, syscall.SIGHUP)
		for syscall.Kill(-group, 0) == nil && !expired(timer) {
		}
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	p.kill(syscall.SIGKILL)
	<-p.done
}

// expired waits a little and tells whether the timer has.
func expired(timer *time.Timer) bool {
	select {
	case <-timer.C:
		return true
	case <-time.After(grace / 20):
		return false
	}
}

// Piped is a program without a terminal.
type Piped struct{ *Process }

// CloseWrite ends its input.
func (p *Piped) CloseWrite() error { return p.in.Close() }

// Interrupt sends it INT, as a terminal would.
func (p *Piped) Interrupt() error { return p.Signal("INT") }

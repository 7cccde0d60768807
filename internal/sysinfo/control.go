package sysinfo

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

func regular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ParseSignal reads a signal: "HUP", "SIGHUP" or its number.
func ParseSignal(text string) (syscall.Signal, error) {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 64 {
		return syscall.Signal(n), nil
	}
	name := strings.ToUpper(text)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	if sig := unix.SignalNum(name); sig != 0 {
		return sig, nil
	}
	return 0, fault.New(fault.Usage, "there is no signal %q", text).WithHint(`HUP, INT, TERM, KILL, USR1, ... or a number`)
}

// acting checks that something may be done to the process: it is on this
// machine, and its pid is still its own.
func (p *Process) acting(what string) error {
	if !p.s.live {
		return p.s.unsupported(what)
	}
	_, err := p.now()
	return err
}

func (p *Process) failed(err error, what string) error {
	if errors.Is(err, unix.ESRCH) {
		return fault.New(fault.NotFound, "process %d has ended", p.PID)
	}
	e := fault.OS(err, "cannot %s process %d", what, p.PID)
	if e.Kind == fault.Denied {
		e = e.WithHint("it belongs to another user, or this needs root")
	}
	return e
}

// child is a process that we started.
type child struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts a program as the leader of its own group of processes.
func (s *System) Start(cmd *exec.Cmd) (*Process, error) {
	if !s.live {
		return nil, s.unsupported("starting a process")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fault.OS(err, "cannot start %s", cmd.Path)
	}
	c := &child{cmd: cmd, done: make(chan struct{})}
	p, err := s.Process(cmd.Process.Pid) // at worst a zombie: nobody has waited for it
	go func() {
		_ = cmd.Wait()
		close(c.done)
	}()
	if err != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-c.done
		return nil, err
	}
	p.child = c
	return p, nil
}

// End kills a process that we started, with all of its group, and waits.
func (p *Process) End() {
	if p.child == nil {
		return
	}
	select {
	case <-p.child.done: // its number may be another's now
	default:
		_ = syscall.Kill(-p.PID, syscall.SIGKILL)
		<-p.child.done
	}
}

// Over says that a process we started has ended.
func (p *Process) Over() bool {
	if p.child == nil {
		return false
	}
	select {
	case <-p.child.done:
		return true
	default:
		return false
	}
}

// code is the exit code of a child, 128 and more for a signal.
func (c *child) code() *int {
	status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return ptr(128 + int(status.Signal()))
	}
	return ptr(c.cmd.ProcessState.ExitCode())
}

// Wait waits for its end. The exit code is known of processes that we started.
func (p *Process) Wait(ctx context.Context, timeout time.Duration) (code *int, err error) {
	limit := ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		limit, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	if p.child != nil {
		select {
		case <-p.child.done:
			return p.child.code(), nil
		case <-limit.Done():
		}
	} else if !p.s.live {
		return nil, p.s.unsupported("waiting for a process")
	} else if p.gone(limit) {
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, fault.New(fault.Timeout, "process %d still runs after %s", p.PID, timeout)
}

// WaitAll waits for several at once and tells of each as it ends.
func WaitAll(ctx context.Context, list []*Process, timeout time.Duration, tell func(*Process, *int) error) (alive []*Process, err error) {
	type end struct {
		at   int
		code *int
		err  error
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	ends := make(chan end, len(list))
	for i, p := range list {
		go func() {
			code, err := p.Wait(inner, timeout)
			ends <- end{i, code, err}
		}()
	}
	over := make([]bool, len(list))
	for range list {
		e := <-ends // each ends with inner
		switch {
		case e.err == nil:
			over[e.at] = true
			if err == nil {
				err = tell(list[e.at], e.code)
			}
		case fault.KindOf(e.err) != fault.Timeout && err == nil:
			err = e.err
		}
		if err != nil {
			cancel()
		}
	}
	for i, p := range list {
		if !over[i] {
			alive = append(alive, p)
		}
	}
	return slices.Clip(alive), err
}

package sshclient

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// commandRoute reaches o through the standard input and output of a local
// command (ProxyCommand, ssh_config(5)). The command is of the operator's own
// configuration: nothing else may set it.
func commandRoute(o *options) *route {
	return &route{
		gate:    "command " + o.proxyCommand,
		release: func() {},
		dial: func(context.Context) (net.Conn, error) {
			conn, err := startProxy(o.proxyCommand, hostPort(o.host, o.port))
			if err != nil {
				return nil, fault.Wrap(fault.Unreachable, err, "cannot start the ProxyCommand")
			}
			return conn, nil
		},
	}
}

// proxyConn is a process as a connection. It is the leader of a process group,
// which ends with the connection.
type proxyConn struct {
	cmd    *exec.Cmd
	in     *os.File // what the process reads
	out    *os.File // what it writes
	said   tail     // its standard error
	remote string
	once   sync.Once
	gone   chan struct{} // closed when the process has been waited for
}

func startProxy(command, remote string) (*proxyConn, error) {
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inRead.Close(), inWrite.Close())
	}
	p := &proxyConn{in: inWrite, out: outRead, remote: remote, gone: make(chan struct{})}
	p.cmd = exec.Command("/bin/sh", "-c", "exec "+command)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = inRead, outWrite, &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 100 * time.Millisecond // children may hold stderr
	err = p.cmd.Start()
	inRead.Close()
	outWrite.Close()
	if err != nil {
		return nil, errors.Join(err, inWrite.Close(), outRead.Close())
	}
	go func() {
		defer close(p.gone)
		_ = p.cmd.Wait() // its last words say more than its exit code
	}()
	return p, nil
}

func (p *proxyConn) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	return n, p.explain(err)
}

func (p *proxyConn) Write(b []byte) (int, error) {
	n, err := p.in.Write(b)
	return n, p.explain(err)
}

// explain puts what the process said in the place of the end of its pipes.
func (p *proxyConn) explain(err error) error {
	if err == nil || errors.Is(err, os.ErrClosed) {
		return err
	}
	if said := p.lastWords(); said != "" {
		return &proxyError{said}
	}
	return err
}

// lastWords is what the process said before it ended, if it ended by itself.
func (p *proxyConn) lastWords() string {
	select {
	case <-p.gone:
	case <-time.After(200 * time.Millisecond):
	}
	return termsafe.Line(strings.TrimSpace(p.said.String()))
}

// Close ends the process and its children.
func (p *proxyConn) Close() error {
	p.once.Do(func() {
		p.in.Close()
		p.out.Close()
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // already gone is fine
		<-p.gone
	})
	return nil
}

func (p *proxyConn) LocalAddr() net.Addr  { return proxyAddr("local") }
func (p *proxyConn) RemoteAddr() net.Addr { return proxyAddr(p.remote) }
func (p *proxyConn) SetDeadline(t time.Time) error {
	return errors.Join(p.SetReadDeadline(t), p.SetWriteDeadline(t))
}
func (p *proxyConn) SetReadDeadline(t time.Time) error  { return p.out.SetReadDeadline(t) }
func (p *proxyConn) SetWriteDeadline(t time.Time) error { return p.in.SetWriteDeadline(t) }

// proxyAddr is the address at the far end of a ProxyCommand.
type proxyAddr string

func (a proxyAddr) Network() string { return "proxycommand" }
func (a proxyAddr) String() string  { return string(a) }

// proxyError is the end of a ProxyCommand with its last words.
type proxyError struct{ said string }

func (e *proxyError) Error() string { return "the ProxyCommand ended: " + e.said }

// tail is a writer that keeps the last 512 bytes.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if extra := t.buf.Len() - 512; extra > 0 {
		t.buf.Next(extra)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

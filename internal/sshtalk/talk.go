// Package sshtalk makes a program on an SSH connection a stream for dialogues.
//
// Rules: output that ended with its link is an error, never an end; a signal
// and a code are told apart; closing the stream ends the program.
package sshtalk

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"

	"gofab/internal/command"
	"gofab/internal/expect"
	"gofab/internal/sshclient"
)

// Starter is a connection on which commands run that can be resized and sent
// signals: a *sshclient.Client.
type Starter interface {
	Start(ctx context.Context, req command.Exec) (*sshclient.Process, error)
}

// Start joins a command on a connection to a stream; an empty line is the login
// shell. It has little to do with ctx once it runs: Close ends it.
func Start(ctx context.Context, on Starter, line string, c expect.Command) (expect.Stream, error) {
	in, theirIn := net.Pipe()
	out, theirOut := net.Pipe()
	closeAll := func() { _, _, _, _ = in.Close(), theirIn.Close(), out.Close(), theirOut.Close() }
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	request := command.Exec{Line: line, Stdin: theirIn, Stdout: theirOut}
	if c.Pipes {
		request.Stderr = theirOut
	} else {
		request.PTY = &command.PTY{Term: c.Term, Rows: c.Rows, Cols: c.Cols}
	}
	giveUp := context.AfterFunc(ctx, stop)
	defer giveUp()
	process, err := on.Start(running, request)
	if err != nil {
		stop()
		closeAll()
		return nil, err
	}
	r := &remote{Conn: in, out: out, process: process, stop: stop, rows: c.Rows, cols: c.Cols}
	go func() {
		<-process.Done()
		_, _ = theirIn.Close(), theirOut.Close()
	}()
	if c.Pipes {
		return &remotePipes{r}, nil
	}
	return r, nil
}

// remote is a program on a host as a stream.
type remote struct {
	net.Conn // its input
	out      net.Conn
	process  *sshclient.Process
	stop     context.CancelFunc
	once     sync.Once

	mu         sync.Mutex
	rows, cols int // of the terminal
}

// Read tells a link that broke from output that ended.
func (r *remote) Read(p []byte) (int, error) {
	n, err := r.out.Read(p)
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
func (r *remote) Resize(rows, cols int) error {
	r.mu.Lock()
	r.rows, r.cols = rows, cols
	r.mu.Unlock()
	return r.process.Resize(rows, cols)
}

// Size gives the size as it was told.
func (r *remote) Size() (rows, cols int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows, r.cols, nil
}

// Done is closed at the end of the program.
func (r *remote) Done() <-chan struct{} { return r.process.Done() }

// Signal sends a signal.
func (r *remote) Signal(name string) error {
	return r.process.Signal(strings.TrimPrefix(strings.ToUpper(name), "SIG"))
}

// Wait gives the exit: a signal has no code.
func (r *remote) Wait(ctx context.Context) (expect.Exit, error) {
	select {
	case <-r.process.Done():
	case <-ctx.Done():
		return expect.Exit{}, ctx.Err()
	}
	exit, err := r.process.Wait()
	if exit.Signal != "" {
		return expect.Exit{Code: -1, Signal: exit.Signal}, err
	}
	return expect.Exit{Code: exit.Code}, err
}

// Close ends the program.
func (r *remote) Close() error {
	r.once.Do(func() {
		r.stop()
		_, _ = r.Conn.Close(), r.out.Close()
		<-r.process.Done()
	})
	return nil
}

// remotePipes is one without a terminal.
type remotePipes struct{ *remote }

// CloseWrite ends its input.
func (r *remotePipes) CloseWrite() error { return r.Conn.Close() }

// Interrupt sends INT, as a terminal would.
func (r *remotePipes) Interrupt() error { return r.Signal("INT") }

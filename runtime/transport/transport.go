// Package transport is how a host is reached: ssh, local or sandbox.
//
// One connection per host and run, opened at first use, kept alive and shared
// by everything that runs there. A connection that was lost is opened again
// for the next command; what ran on it is lost, never repeated by itself.
package transport

import (
	"context"
	"errors"
	"sync"
	"syscall"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/transfer"
	"gofab/runtime/inventory"
)

// Conn is one open way to a host.
type Conn interface {
	command.Executor
	// Files gives the host's file system; relative paths begin at the login
	// user's home folder. It is shared and closed with the connection.
	Files(ctx context.Context) (transfer.FS, error)
	// Done is closed when the connection has ended.
	Done() <-chan struct{}
	Close() error
}

// Restarter is a host that is restarted from outside and not by a command: an
// embedded one. Its connections end.
type Restarter interface {
	Conn
	Restart() error
}

// Dial opens a way to a host.
type Dial func(ctx context.Context, h *inventory.Host) (Conn, error)

// Pool keeps one connection per host.
type Pool struct {
	dial   Dial
	mu     sync.Mutex
	slots  map[string]*slot
	closed bool
}

// slot is the place of one host's connection. Its channel is a lock that a
// context can give up waiting for.
type slot struct {
	busy chan struct{}
	conn Conn
}

// NewPool makes a pool that opens connections with dial.
func NewPool(dial Dial) *Pool { return &Pool{dial: dial, slots: map[string]*slot{}} }

// Get gives the host's connection, opening it when there is none.
func (p *Pool) Get(ctx context.Context, h *inventory.Host) (Conn, error) {
	if err := checkDialing(ctx, h.Name); err != nil {
		return nil, err
	}
	s, err := p.slot(h.Name)
	if err != nil {
		return nil, err
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s.conn != nil && !ended(s.conn) {
		return s.conn, nil
	}
	conn, err := p.dial(ctx, h)
	if err != nil {
		return nil, named(err, h.Name)
	}
	s.conn = conn
	return conn, nil
}

func ended(c interface{ Done() <-chan struct{} }) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

// named puts the host into an error. Whatever a login could not open for want
// of descriptors (a socket, known_hosts, a key), the remedy is the same.
func named(err error, host string) error {
	e := *fault.From(err)
	e.Host = host
	if errors.Is(err, syscall.EMFILE) {
		e.Hint = "each open connection takes a file of this machine's limit: raise it (ulimit -n)"
	}
	return &e
}

func (p *Pool) slot(name string) (*slot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fault.New(fault.Cancelled, "the run has ended")
	}
	s := p.slots[name]
	if s == nil {
		s = &slot{busy: make(chan struct{}, 1)}
		p.slots[name] = s
	}
	return s, nil
}

// Close closes all connections.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	slots := p.slots
	p.slots = map[string]*slot{}
	p.mu.Unlock()
	var errs []error
	for _, s := range slots {
		s.busy <- struct{}{}
		if s.conn != nil {
			errs = append(errs, s.conn.Close())
		}
		<-s.busy
	}
	return errors.Join(errs...)
}

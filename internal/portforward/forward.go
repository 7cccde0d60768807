// Package portforward carries connections between this machine and what an SSH
// server can reach: to a fixed address, from the server to here, or to wherever
// a SOCKS client wants.
//
// Rules: each direction of a connection ends by itself, so that a half-closed
// one goes on; a target that refuses costs one connection, not the forward;
// Close ends all connections and waits for them. Without a name, an address is
// on loopback.
package portforward

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"gofab/internal/fault"
)

// Forward is one that is open.
type Forward struct {
	listener net.Listener
	ctx      context.Context
	stop     context.CancelFunc
	reach    reach
	serving  sync.WaitGroup
	release  func() // of the connection it goes through

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
	stats  Stats
}

// Stats count connections.
type Stats struct {
	Open   int   // now
	Total  int   // accepted since the start
	Failed int   // whose target could not be reached
	Error  error // of the last one that failed
}

// reach finds the target of a connection and connects to it.
type reach func(ctx context.Context, conn net.Conn) (net.Conn, error)

// start serves a listener, which belongs to the forward from now on.
func start(l net.Listener, r reach) *Forward {
	ctx, stop := context.WithCancel(context.Background())
	f := &Forward{listener: l, ctx: ctx, stop: stop, reach: r, conns: map[net.Conn]bool{}}
	f.serving.Go(f.accept)
	return f
}

// Addr is where it listens.
func (f *Forward) Addr() net.Addr { return f.listener.Addr() }

// String is how a forward prints.
func (f *Forward) String() string { return "forward at " + f.Addr().String() }

// Stats tells what it did so far.
func (f *Forward) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// Close ends the listening and all connections.
func (f *Forward) Close() error {
	f.stop()
	err := f.listener.Close()
	f.mu.Lock()
	first := !f.closed
	f.closed = true
	for conn := range f.conns {
		_ = conn.Close()
	}
	f.mu.Unlock()
	f.serving.Wait()
	if !first {
		return nil
	}
	f.release()
	return err
}

// pause is how long to wait after an Accept that failed for want of
// descriptors.
const pause = 50 * time.Millisecond

func (f *Forward) accept() {
	for {
		conn, err := f.listener.Accept()
		switch {
		case err == nil:
			if f.add(conn) {
				f.serving.Go(func() { f.serve(conn) })
			}
		case temporary(err):
			select {
			case <-time.After(pause):
			case <-f.ctx.Done():
			}
		default:
			return
		}
	}
}

func (f *Forward) serve(conn net.Conn) {
	f.count(func(s *Stats) { s.Open++; s.Total++ })
	defer f.count(func(s *Stats) { s.Open-- })
	defer f.drop(conn)
	target, err := f.reach(f.ctx, conn)
	if err != nil {
		f.count(func(s *Stats) { s.Failed++; s.Error = err })
		return
	}
	if f.add(target) {
		defer f.drop(target)
		join(conn, target)
	}
}

// add makes Close end a connection. It is refused, and closed, after Close.
func (f *Forward) add(conn net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.ctx.Err() != nil {
		_ = conn.Close()
		return false
	}
	f.conns[conn] = true
	return true
}

func (f *Forward) drop(conn net.Conn) {
	f.mu.Lock()
	delete(f.conns, conn)
	f.mu.Unlock()
	_ = conn.Close()
}

func (f *Forward) count(change func(*Stats)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.stats)
}

// join copies both ways until both ends are done, or one breaks.
func join(a, b net.Conn) {
	var group sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		group.Go(func() {
			if _, err := io.Copy(way[0], way[1]); err != nil || closeWrite(way[0]) != nil {
				_, _ = a.Close(), b.Close()
			}
		})
	}
	group.Wait()
}

// closeWrite ends one direction.
func closeWrite(conn net.Conn) error {
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return fault.New(fault.Unsupported, "cannot close one direction")
	}
	return half.CloseWrite()
}

package testenv

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Direction is one half of a relayed connection.
type Direction int

// The two halves.
const (
	Up   Direction = iota // from the client to the server
	Down                  // from the server to the client
)

// FaultProxy is a TCP relay on loopback that misbehaves on demand. A fault
// holds for open and for later connections until the next call.
type FaultProxy struct {
	Addr string // what the client connects to

	target   string
	listener net.Listener
	bytes    [2]atomic.Int64
	wg       sync.WaitGroup

	mu      sync.Mutex
	fault   fault
	changed chan struct{} // closed when fault is replaced
	links   map[*link]struct{}
	closed  bool
}

// fault is what the proxy does now.
type fault struct {
	delay   time.Duration
	stalled bool
	reset   bool
	dir     Direction // of endAt and flip
	endAt   int64     // per connection; -1: never
	end     ending    // what happens there
	flip    int64     // offset of the byte with the flipped bit; -1: none
}

// ending is what becomes of a connection at a place.
type ending int

const (
	endClosed ending = iota
	endReset
	endHeld
)

var noFault = fault{endAt: -1, flip: -1}

// Proxy starts a relay to target, "host:port". It passes everything on until
// told otherwise and ends with the test.
func Proxy(t testing.TB, target string) *FaultProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &FaultProxy{
		Addr: listener.Addr().String(), target: target, listener: listener,
		fault: noFault, changed: make(chan struct{}), links: map[*link]struct{}{},
	}
	p.wg.Go(p.accept)
	t.Cleanup(p.Close)
	return p
}

// Pass relays without fault.
func (p *FaultProxy) Pass() { p.set(noFault) }

// Delay holds back everything for d in each direction, so a round trip takes
// 2d longer. It limits no rate.
func (p *FaultProxy) Delay(d time.Duration) {
	f := noFault
	f.delay = d
	p.set(f)
}

// BlackHole keeps the connections open and passes nothing on, as a network
// that lost its route does. Pass lets the held bytes go.
func (p *FaultProxy) BlackHole() {
	f := noFault
	f.stalled = true
	p.set(f)
}

// Reset ends all connections with a TCP reset, new ones right after they open.
func (p *FaultProxy) Reset() {
	f := noFault
	f.reset = true
	p.set(f)
	for _, l := range p.open() {
		l.reset()
	}
}

// CloseAfter ends each connection when n bytes have passed in one direction,
// counted from its start; one that is past it already at its next byte.
func (p *FaultProxy) CloseAfter(dir Direction, n int64) {
	p.endAfter(dir, n, endClosed)
}

// ResetAfter is CloseAfter with a TCP reset.
func (p *FaultProxy) ResetAfter(dir Direction, n int64) { p.endAfter(dir, n, endReset) }

// HoldAfter passes nothing on in one direction behind n bytes, for as long as
// the connection lasts.
func (p *FaultProxy) HoldAfter(dir Direction, n int64) { p.endAfter(dir, n, endHeld) }

func (p *FaultProxy) endAfter(dir Direction, n int64, end ending) {
	f := noFault
	f.dir, f.endAt, f.end = dir, n, end
	p.set(f)
}

// FlipBit inverts the lowest bit of the byte at an offset in one direction of
// each connection.
func (p *FaultProxy) FlipBit(dir Direction, offset int64) {
	f := noFault
	f.dir, f.flip = dir, offset
	p.set(f)
}

// Bytes counts what went through in one direction, over all connections.
func (p *FaultProxy) Bytes(dir Direction) int64 { return p.bytes[dir].Load() }

// Connections counts the open ones.
func (p *FaultProxy) Connections() int { return len(p.open()) }

// Close ends all connections and waits until nothing of the relay is left.
func (p *FaultProxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	for _, l := range p.open() {
		l.close()
	}
	p.wg.Wait()
}

func (p *FaultProxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
}

// now gives the fault and a channel that is closed when it no longer holds.
func (p *FaultProxy) now() (fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.changed
}

func (p *FaultProxy) open() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*link, 0, len(p.links))
	for l := range p.links {
		all = append(all, l)
	}
	return all
}

func (p *FaultProxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.relay(conn.(*net.TCPConn)) })
	}
}

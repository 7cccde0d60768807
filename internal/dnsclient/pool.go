package dnsclient

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Pool keeps sockets open between questions. One serves a whole run; it may be
// used from many goroutines.
type Pool struct {
	mu     sync.Mutex
	udp    map[route][]*socket
	stream map[string][]net.Conn
	open   map[net.Conn]struct{} // of transfers that are under way
	http   map[string]*httpClient
	closed bool
}

// route is a server seen from a local address.
type route struct {
	to   netip.AddrPort
	from string
}

// socket is a UDP socket that is connected to one server. It has one question
// at a time and a port of its own, which it gives up after some questions: the
// port is part of what a forger has to guess.
type socket struct {
	*net.UDPConn
	uses int
	idle time.Time
}

const (
	usesOfSocket = 50
	idleSockets  = 64 // per server
	idleTime     = 10 * time.Second
)

var errClosed = errors.New("the run has ended")

// NewPool makes an empty pool.
func NewPool() *Pool {
	return &Pool{udp: map[route][]*socket{}, stream: map[string][]net.Conn{}, open: map[net.Conn]struct{}{}, http: map[string]*httpClient{}}
}

// Close closes all sockets.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, sockets := range p.udp {
		for _, s := range sockets {
			_ = s.Close()
		}
	}
	for _, conns := range p.stream {
		for _, c := range conns {
			c.Close()
		}
	}
	for c := range p.open {
		c.Close()
	}
	for _, h := range p.http {
		h.CloseIdleConnections()
	}
	p.udp, p.stream, p.open = map[route][]*socket{}, map[string][]net.Conn{}, map[net.Conn]struct{}{}
	return nil
}

// socketTo takes a socket out of the pool, or opens one.
func (p *Pool) socketTo(r route) (*socket, error) {
	p.mu.Lock()
	sockets := p.udp[r]
	for n := len(sockets); n > 0; n = len(sockets) {
		s := sockets[n-1]
		sockets = sockets[:n-1]
		p.udp[r] = sockets
		if time.Since(s.idle) < idleTime {
			p.mu.Unlock()
			return s, nil
		}
		_ = s.Close()
	}
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	return dialUDP(r)
}

func dialUDP(r route) (*socket, error) {
	var local *net.UDPAddr
	if r.from != "" {
		a, err := netip.ParseAddr(r.from)
		if err != nil {
			return nil, err
		}
		local = net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0))
	}
	conn, err := net.DialUDP("udp", local, net.UDPAddrFromAddrPort(r.to))
	if err != nil {
		return nil, err
	}
	return &socket{UDPConn: conn}, nil
}

// giveBack keeps a socket for the next question, unless it has served enough.
func (p *Pool) giveBack(r route, s *socket) {
	s.uses++
	s.idle = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || s.uses >= usesOfSocket || len(p.udp[r]) >= idleSockets {
		_ = s.Close()
		return
	}
	p.udp[r] = append(p.udp[r], s)
}

// until makes a connection give up at the end of ctx. The function it returns
// takes that back.
func until(ctx context.Context, conn net.Conn) (release func() bool) {
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

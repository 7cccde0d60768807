package sshclient

import (
	"context"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// pendingForwards is how many forwarded connections may wait for an Accept.
const pendingForwards = 16

// forwards are the ports that a server listens on for us.
type forwards struct {
	mu        sync.Mutex
	listeners map[string]*listener // by the address the server names
	closed    bool
}

// listener is a port on the host as a net.Listener.
type listener struct {
	client  *Client
	host    string
	port    uint32
	arrived chan net.Conn
	gone    chan struct{}
	once    sync.Once
}

// Listen has the host listen on an address (RFC 4254, section 7.1); port 0 lets
// it choose. Close ends the listening, not the connections.
func (c *Client) Listen(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, onHost(c.name, err)
	}
	l := &listener{
		client: c, host: host, port: port,
		arrived: make(chan net.Conn, pendingForwards), gone: make(chan struct{}),
	}
	if err := c.requestForward(ctx, l); err != nil {
		return nil, err
	}
	return l, nil
}

// requestForward asks for the port. A listener is known before the answer is
// read when its port is, since a connection may come at once.
func (c *Client) requestForward(ctx context.Context, l *listener) error {
	type answer struct {
		ok   bool
		port uint32
		err  error
	}
	result := make(chan answer, 1)
	if l.port != 0 {
		c.forwards.add(l)
	}
	go func() {
		ok, data, err := c.conn.SendRequest("tcpip-forward", true, l.payload())
		var m struct{ Port uint32 }
		if ok && l.port == 0 {
			err = ssh.Unmarshal(data, &m)
		}
		result <- answer{ok, m.Port, err}
	}()
	var err error
	select {
	case a := <-result:
		switch {
		case a.err != nil:
			err = c.orLost(a.err)
		case !a.ok:
			err = fault.New(fault.Denied, "the server refused to listen on %s", hostPort(l.host, int(l.port))).
				WithHint("the port may be taken or below 1024, or AllowTcpForwarding and GatewayPorts forbid it")
		case l.port == 0:
			l.port = a.port
			c.forwards.add(l)
		}
	case <-ctx.Done():
		err = c.stopped(ctx)
	case <-c.done:
		err = c.Err()
	}
	if err != nil {
		c.forwards.remove(l)
		return onHost(c.name, err)
	}
	return nil
}

func (l *listener) payload() []byte {
	return ssh.Marshal(struct {
		Host string
		Port uint32
	}{l.host, l.port})
}

func (l *listener) key() string { return l.host + ":" + strconv.Itoa(int(l.port)) }

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.arrived:
		return conn, nil
	case <-l.gone:
		return nil, net.ErrClosed
	}
}

// Addr is the address on the host.
func (l *listener) Addr() net.Addr { return channelAddr(hostPort(l.host, int(l.port))) }

// Close tells the server and does not wait for its answer.
func (l *listener) Close() error {
	l.client.forwards.remove(l)
	l.end()
	go l.client.conn.SendRequest("cancel-tcpip-forward", false, l.payload()) //nolint:errcheck // the link may be gone
	return nil
}

// end closes what waits for an Accept.
func (l *listener) end() {
	l.once.Do(func() { close(l.gone) })
	for {
		select {
		case conn := <-l.arrived:
			conn.Close()
		default:
			return
		}
	}
}

// offer hands a new channel to the listener it is for, without waiting.
func (f *forwards) offer(n ssh.NewChannel) {
	var m struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if ssh.Unmarshal(n.ExtraData(), &m) != nil {
		_ = n.Reject(ssh.ConnectionFailed, "malformed")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.listeners[m.Host+":"+strconv.Itoa(int(m.Port))]
	if l == nil || len(l.arrived) == cap(l.arrived) {
		_ = n.Reject(ssh.Prohibited, "nobody accepts")
		return
	}
	ch, requests, err := n.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	origin := channelAddr(hostPort(m.OriginHost, int(m.OriginPort)))
	l.arrived <- newStream(ch, l.Addr(), origin) // there is room: f.mu is held
}

func (f *forwards) add(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners == nil {
		f.listeners = map[string]*listener{}
	}
	f.listeners[l.key()] = l
	if f.closed {
		l.end()
	}
}

func (f *forwards) remove(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners[l.key()] == l {
		delete(f.listeners, l.key())
	}
}

// close ends all listeners with their connection.
func (f *forwards) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, l := range f.listeners {
		l.end()
	}
	f.listeners = nil
}

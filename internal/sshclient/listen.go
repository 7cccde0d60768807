package sshclient

import (
	"context"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// pendingForwards is how many forwarded connections may wait for an Accept.
const pendingForwards = 128

// forwards are the ports that a server listens on for us.
type forwards struct {
	mu        sync.Mutex
	listeners map[string]*listener // by the address the server names
	closed    bool
}

// listener is a port or a Unix socket on the host as a net.Listener.
type listener struct {
	client  *Client
	host    string
	port    uint32
	path    string // of a socket, then there is no host
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
	known := l.port != 0 || l.path != ""
	if known {
		c.forwards.add(l)
	}
	go func() {
		ok, data, err := c.conn.SendRequest(l.request(), true, l.payload())
		var m struct{ Port uint32 }
		if ok && !known {
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
			err = l.refused()
		case !known:
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
	if l.path != "" {
		return ssh.Marshal(struct{ Path string }{l.path})
	}
	return ssh.Marshal(struct {
		Host string
		Port uint32
	}{l.host, l.port})
}

func (l *listener) key() string {
	if l.path != "" {
		return socketKey(l.path)
	}
	return l.host + ":" + strconv.Itoa(int(l.port))
}

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
func (l *listener) Addr() net.Addr {
	if l.path != "" {
		return &net.UnixAddr{Name: l.path, Net: "unix"}
	}
	return channelAddr(hostPort(l.host, int(l.port)))
}

// Close tells the server and does not wait for its answer.
func (l *listener) Close() error {
	l.client.forwards.remove(l)
	l.end()
	go l.client.conn.SendRequest("cancel-"+l.request(), false, l.payload()) //nolint:errcheck // the link may be gone
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
	key, origin, ok := arrival(n)
	if !ok {
		_ = n.Reject(ssh.ConnectionFailed, "malformed")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.listeners[key]
	if l == nil || len(l.arrived) == cap(l.arrived) {
		_ = n.Reject(ssh.Prohibited, "nobody accepts")
		return
	}
	ch, requests, err := n.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	l.arrived <- newStream(ch, l.Addr(), origin) // there is room: f.mu is held
}

// arrival tells for which listener a channel is, and from where it comes.
func arrival(n ssh.NewChannel) (key string, origin net.Addr, ok bool) {
	if n.ChannelType() == socketChannel {
		var m struct{ Path, Reserved string }
		err := ssh.Unmarshal(n.ExtraData(), &m)
		return socketKey(m.Path), channelAddr(""), err == nil
	}
	var m struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	err := ssh.Unmarshal(n.ExtraData(), &m)
	return m.Host + ":" + strconv.Itoa(int(m.Port)), channelAddr(hostPort(m.OriginHost, int(m.OriginPort))), err == nil
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

package sshserver

import (
	"context"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// forwards are the loopback listeners that one client asked for with
// tcpip-forward (RFC 4254, section 7.1).
type forwards struct {
	conn      *ssh.ServerConn
	ctx       context.Context
	cancel    context.CancelFunc
	mu        sync.Mutex
	listeners map[forwardAddr]net.Listener
	wg        sync.WaitGroup
}

type forwardAddr struct {
	Host string
	Port uint32
}

func newForwards(conn *ssh.ServerConn) *forwards {
	f := &forwards{conn: conn, listeners: map[forwardAddr]net.Listener{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// answer replies to every global request. A keepalive is an unknown name: its
// refusal is the answer that the client waits for.
func (f *forwards) answer(requests <-chan *ssh.Request) {
	for req := range requests {
		switch req.Type {
		case "tcpip-forward":
			port, ok := f.listen(req.Payload)
			_ = req.Reply(ok, ssh.Marshal(struct{ Port uint32 }{port}))
		case "cancel-tcpip-forward":
			_ = req.Reply(f.stop(req.Payload), nil)
		default:
			_ = req.Reply(false, nil)
		}
	}
}

func (f *forwards) listen(payload []byte) (port uint32, ok bool) {
	var asked forwardAddr
	if ssh.Unmarshal(payload, &asked) != nil {
		return 0, false
	}
	if asked.Host != "" && !loopback(asked.Host) {
		return 0, false
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(asked.Port))))
	if err != nil {
		return 0, false
	}
	port = uint32(listener.Addr().(*net.TCPAddr).Port)
	f.mu.Lock()
	f.listeners[forwardAddr{asked.Host, port}] = listener
	f.mu.Unlock()
	f.wg.Go(func() { f.accept(listener, asked.Host, port) })
	return port, true
}

func (f *forwards) stop(payload []byte) bool {
	var asked forwardAddr
	if ssh.Unmarshal(payload, &asked) != nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	listener, ok := f.listeners[asked]
	if ok {
		_ = listener.Close()
		delete(f.listeners, asked)
	}
	return ok
}

func (f *forwards) accept(listener net.Listener, host string, port uint32) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		f.wg.Go(func() { f.connect(conn.(*net.TCPConn), host, port) })
	}
}

// connect hands one accepted connection to the client.
func (f *forwards) connect(conn *net.TCPConn, host string, port uint32) {
	from := conn.RemoteAddr().(*net.TCPAddr)
	channel := f.open(directOpen{host, port, from.IP.String(), uint32(from.Port)})
	if channel == nil {
		_ = conn.Close()
		return
	}
	relay(f.ctx, channel, conn)
}

// open opens a channel to the client, nil when it cannot be. It does not rely
// on OpenChannel to end with the connection: x/crypto v0.58.0 waits for ever
// when the connection is lost just before.
func (f *forwards) open(to directOpen) ssh.Channel {
	opened := make(chan ssh.Channel, 1)
	go func() {
		channel, requests, err := f.conn.OpenChannel("forwarded-tcpip", ssh.Marshal(to))
		if err != nil {
			opened <- nil
			return
		}
		go ssh.DiscardRequests(requests)
		opened <- channel
	}()
	select {
	case channel := <-opened:
		return channel
	case <-f.ctx.Done():
		return nil
	}
}

// close ends all listeners and what came in through them.
func (f *forwards) close() {
	f.cancel()
	f.mu.Lock()
	for _, listener := range f.listeners {
		_ = listener.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

package sshclient

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// Client is one authenticated connection. It is safe for concurrent use.
type Client struct {
	name  string
	conn  ssh.Conn
	link  *link
	login *login
	info  Info
	slots *slots
	alive *keepalive
	done  chan struct{} // closed when the connection is over
	freed chan struct{} // closed after that, when all it held is given back

	forwards     forwards
	forwardAgent string   // socket; "" forwards none
	env          []string // NAME=value, sent with each command

	mu      sync.Mutex
	err     error // why it is over
	closing bool
	ending  sync.WaitGroup // commands that are being ended; Add under mu
	hurry   chan struct{}  // closed by Close: end commands at once
	closers []func()
}

// Info is what was agreed upon with a server, and how long that took.
type Info struct {
	User          string `lua:"user" doc:"Login name."`
	Address       string `lua:"address" doc:"Address and port of the server, or of the way to it."`
	ServerVersion string `lua:"server_version" doc:"How the server names itself, e.g. SSH-2.0-OpenSSH_9.2p1."`
	KeyType       string `lua:"host_key_type" doc:"Type of the host key."`
	Fingerprint   string `lua:"host_key_fingerprint" doc:"SHA256 fingerprint of the host key."`
	KeyExchange   string `lua:"kex" doc:"Key exchange, e.g. mlkem768x25519-sha256."`
	Cipher        string `lua:"cipher" doc:"Cipher towards the server."`
	MAC           string `lua:"mac" doc:"Authentication of packets; empty where the cipher does it."`
	PostQuantum   bool   `lua:"post_quantum" doc:"Whether the key exchange withstands quantum computers."`
	Auth          string `lua:"auth" doc:"What opened the door: a key file, a key of the agent, password, none."`
	Took          Steps  `lua:"took" doc:"Seconds that the steps took."`
}

// Steps are the times of a login that succeeded, without attempts before it.
type Steps struct {
	Connect time.Duration `lua:"connect" doc:"Name, TCP connection and jump hosts."`
	HostKey time.Duration `lua:"host_key" doc:"Greeting and key exchange, until the host key was trusted."`
	Login   time.Duration `lua:"login" doc:"Authentication."`
}

func newClient(l *login, conn ssh.Conn) *Client {
	c := &Client{
		name: l.o.name, conn: conn, link: l.link, login: l,
		forwardAgent: l.o.forwardAgent, env: l.o.env,
		slots: newSlots(), done: make(chan struct{}), freed: make(chan struct{}), hurry: make(chan struct{}),
	}
	c.info = Info{
		User: l.o.user, Address: l.link.RemoteAddr().String(),
		ServerVersion: termsafe.Line(string(conn.ServerVersion())),
		KeyType:       l.hostKey.Type(), Fingerprint: ssh.FingerprintSHA256(l.hostKey),
		Auth: "none", Took: l.took,
	}
	if l.auth.success != "" {
		c.info.Auth = l.auth.success
	}
	if agreed, ok := conn.(ssh.AlgorithmsConnMetadata); ok {
		a := agreed.Algorithms()
		c.info.KeyExchange, c.info.Cipher, c.info.MAC = a.KeyExchange, a.Write.Cipher, a.Write.MAC
		c.info.PostQuantum = strings.HasPrefix(a.KeyExchange, "mlkem") || strings.HasPrefix(a.KeyExchange, "sntrup")
	}
	return c
}

// start serves what the server asks for and watches the link.
func (c *Client) start(o *options, channels <-chan ssh.NewChannel, requests <-chan *ssh.Request) {
	c.alive = newKeepalive(c, o.aliveInterval, o.aliveMax)
	go c.serve(channels, requests)
}

// Name is the inventory name of the host.
func (c *Client) Name() string { return c.name }

// Info tells what was agreed upon.
func (c *Client) Info() Info { return c.info }

// Done is closed when the connection is over, for whatever reason.
func (c *Client) Done() <-chan struct{} { return c.done }

// Idle tells that no command runs over the connection and nobody holds it: it
// may be closed and opened again without harm. An SFTP subsystem does not count.
func (c *Client) Idle() bool { return c.slots.idle() }

// Hold says that the connection is needed although no command runs, as by a
// forwarded port.
func (c *Client) Hold() (release func()) { return c.slots.hold() }

// Err is why the connection is over: of kind lost if the link broke, cancelled
// if it was closed here. It is nil while the connection works.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection. Commands that are still being ended get their
// KILL now, which takes a moment; everything else returns at once.
func (c *Client) Close() error {
	c.mu.Lock()
	first := !c.closing
	c.closing = true
	c.mu.Unlock()
	if first {
		close(c.hurry)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.ending.Wait()
	}()
	select {
	case <-ended:
	case <-c.done:
	case <-time.After(killPatience):
	}
	c.fail(errClosed)
	<-c.freed
	<-ended
	return nil
}

var errClosed = fault.New(fault.Cancelled, "the connection is closed")

// fail ends the connection for a reason; the first one counts.
func (c *Client) fail(err error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = onHost(c.name, err)
	}
	c.mu.Unlock()
	_ = c.link.Close()
}

// onClose has f called once when the connection is over.
func (c *Client) onClose(f func()) {
	c.mu.Lock()
	over := c.isDone()
	if !over {
		c.closers = append(c.closers, f)
	}
	c.mu.Unlock()
	if over {
		f()
	}
}

func (c *Client) isDone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// serve answers what comes without being asked for, until the link is gone. It
// is the one goroutine of a quiet connection beside those of x/crypto/ssh.
func (c *Client) serve(channels <-chan ssh.NewChannel, requests <-chan *ssh.Request) {
	for announced := false; channels != nil || requests != nil; {
		select {
		case r, ok := <-requests:
			if !ok {
				requests = nil
				continue
			}
			if r.Type == hostKeysRequest && !announced { // OpenSSH makes one
				announced = true
				c.learnHostKeys(r.Payload)
			}
			// No other request of a server is known here, and the refusal is
			// what answers its keepalives (RFC 4254, section 4).
			c.guard(func() { _ = r.Reply(false, nil) })
		case n, ok := <-channels:
			if !ok {
				channels = nil
				continue
			}
			c.guard(func() { c.incoming(n) })
		}
	}
	c.over(c.lastWord())
}

// endPatience is how long x/crypto/ssh may take to end a connection that is over.
const endPatience = 50 * time.Millisecond

// lastWord is why x/crypto/ssh gave up. After an error of the protocol it hangs
// for ever if more packets than it can hold have arrived (handshakeTransport.Close
// waits for a reader that waits for the multiplexer, which is gone), and whoever
// uses the connection would with it.
func (c *Client) lastWord() error {
	_ = c.link.Close()
	said := make(chan error, 1)
	go func() { said <- c.conn.Wait() }()
	patience := time.NewTimer(endPatience)
	defer patience.Stop()
	select {
	case err := <-said:
		return err
	case <-patience.C:
		return errors.New("the server broke the protocol")
	}
}

// incoming deals with a channel that the server opens.
func (c *Client) incoming(n ssh.NewChannel) {
	switch {
	case n.ChannelType() == "forwarded-tcpip", n.ChannelType() == socketChannel:
		c.forwards.offer(n)
	case n.ChannelType() == agentChannel && c.forwardAgent != "":
		go c.serveAgent(n)
	default:
		_ = n.Reject(ssh.UnknownChannelType, "not offered")
	}
}

// over settles the end of the connection.
func (c *Client) over(err error) {
	c.alive.stop()
	c.mu.Lock()
	if c.err == nil {
		c.err = onHost(c.name, c.lost(err))
	}
	closers := c.closers
	c.closers = nil
	close(c.done)
	c.mu.Unlock()
	_ = c.link.Close()
	c.forwards.close()
	for _, f := range closers {
		f()
	}
	close(c.freed)
}

// lost is the error of a broken link. What the link saw says more than what
// x/crypto/ssh made of it.
func (c *Client) lost(err error) error {
	const hint = "what was under way may have been done, look before it is started again"
	reason := c.link.reason()
	switch {
	case reason != nil && !errors.Is(reason, net.ErrClosed):
		return fault.Wrap(fault.Lost, &quiet{reason}, "the link is lost: %s", sysReason(reason)).WithHint(hint)
	case err != nil:
		return fault.Wrap(fault.Lost, &quiet{err}, "the link is lost: %s", termsafe.Line(err.Error())).WithHint(hint)
	default:
		return fault.New(fault.Lost, "the link is lost").WithHint(hint)
	}
}

// guard keeps a panic over the bytes of the other side within the connection.
func (c *Client) guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			c.fail(fault.New(fault.Protocol, "the server sent nonsense: %s", termsafe.Line(fmt.Sprint(r))))
		}
	}()
	f()
}

// ping makes a round trip: what the server sent before its answer has arrived
// when ping returns.
func (c *Client) ping() error {
	_, _, err := c.conn.SendRequest("keepalive@openssh.com", true, nil)
	return err
}

package sshclient

import (
	"net"
	"sync"
	"sync/atomic"
)

// link is the byte stream under a connection. It knows three things that
// x/crypto/ssh does not tell: whether bytes arrive, what a server said that is
// no SSH server, and that the stream broke, before anybody above can see it.
type link struct {
	net.Conn
	received  atomic.Uint64 // bytes
	broken    atomic.Bool
	abandoned atomic.Bool

	mu       sync.Mutex
	greeting []byte // the first bytes, while the handshake lasts
	err      error  // why it broke
}

// greetingSize bounds what is kept of a greeting (RFC 4253, section 4.2).
const greetingSize = 255

func newLink(conn net.Conn) *link {
	return &link{Conn: conn, greeting: make([]byte, 0, greetingSize)}
}

func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 && l.received.Add(uint64(n)) <= greetingSize && l.note(p[:n]) {
		n, err = 0, errForeign
	}
	if err != nil {
		l.fail(err)
	}
	return n, err
}

func (l *link) Write(p []byte) (int, error) {
	if l.abandoned.Load() {
		return len(p), nil
	}
	if l.broken.Load() { // nobody reads the answer
		return 0, l.reason()
	}
	n, err := l.Conn.Write(p)
	if err != nil {
		l.fail(err)
	}
	return n, err
}

// Close marks the link as broken first: what its readers see from now on is
// not the end that the other side meant.
func (l *link) Close() error {
	l.fail(net.ErrClosed)
	return l.Conn.Close()
}

// abandon closes the link of a handshake that is to end. From now on writes
// vanish, so that x/crypto/ssh goes on to read what has arrived: it would leave
// its reading goroutine behind with it otherwise.
func (l *link) abandon() {
	l.abandoned.Store(true)
	_ = l.Close()
}

// fail records the first reason.
func (l *link) fail(err error) {
	l.mu.Lock()
	if l.err == nil {
		l.err = err
	}
	l.mu.Unlock()
	l.broken.Store(true)
}

// reason is why the link broke; nil while it works.
func (l *link) reason() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// note keeps the first bytes and tells whether they are another protocol's.
func (l *link) note(p []byte) (foreign bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.greeting == nil || len(l.greeting) >= greetingSize {
		return false
	}
	l.greeting = append(l.greeting, p[:min(len(p), greetingSize-len(l.greeting))]...)
	return isForeign(string(l.greeting))
}

// peekGreeting returns the first bytes.
func (l *link) peekGreeting() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.greeting)
}

// dropGreeting forgets the first bytes.
func (l *link) dropGreeting() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.greeting = nil
}

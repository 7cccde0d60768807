package sshclient

import (
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// scripted is an SSH server whose every step a test can change.
type scripted struct {
	config   *ssh.ServerConfig
	hostKey  ssh.Signer
	accepted func(net.Conn) net.Conn                                         // nil result: the connection is not served
	session  func(ch ssh.Channel, requests <-chan *ssh.Request)              // plays one session
	channel  func(n ssh.NewChannel) bool                                     // true: dealt with
	ready    func(conn *ssh.ServerConn, channels <-chan ssh.NewChannel) bool // true: dealt with
	requests func(conn *ssh.ServerConn, r *ssh.Request) bool                 // a global request; true: dealt with
	welcome  func(conn *ssh.ServerConn)                                      // called once after the login

	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
}

// startScripted starts a server without authentication; adjust changes it.
func startScripted(t testing.TB, adjust func(*scripted)) *scripted {
	t.Helper()
	_, hostKey := newKey(t)
	s := &scripted{config: &ssh.ServerConfig{NoClientAuth: true}, hostKey: hostKey}
	s.config.AddHostKey(hostKey)
	if adjust != nil {
		adjust(s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	s.listener = listener
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		s.mu.Lock()
		for _, c := range s.conns {
			c.Close()
		}
		s.mu.Unlock()
		all.Wait()
	})
	return s
}

func (s *scripted) options(t testing.TB) *options {
	return optionsFor(t, s.listener.Addr().String(), s.hostKey.PublicKey())
}

func (s *scripted) serve(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.mu.Unlock()
	if s.accepted != nil {
		if conn = s.accepted(conn); conn == nil {
			return
		}
	}
	sc, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	go func() {
		for r := range requests {
			if s.requests == nil || !s.requests(sc, r) {
				r.Reply(false, nil)
			}
		}
	}()
	if s.welcome != nil {
		s.welcome(sc)
	}
	if s.ready != nil && s.ready(sc, channels) {
		return
	}
	for n := range channels {
		if s.channel != nil && s.channel(n) {
			continue
		}
		ch, requests, err := n.Accept()
		if err != nil {
			return
		}
		go s.play(ch, requests)
	}
}

func (s *scripted) play(ch ssh.Channel, requests <-chan *ssh.Request) {
	defer ch.Close()
	r, ok := <-requests
	if !ok {
		return
	}
	r.Reply(true, nil)
	go ssh.DiscardRequests(requests)
	if s.session != nil {
		s.session(ch, requests)
		return
	}
	exitWith(ch, 0)
}

func exitWith(ch ssh.Channel, code uint32) {
	ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code}))
}

// quick are options whose limits end soon.
func quick(o *options) *options {
	o.loginTimeout = 300 * time.Millisecond
	return o
}

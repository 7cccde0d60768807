package sshclient

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// A link that swallows everything is found by the keepalive.
func TestKeepaliveFindsADeadLink(t *testing.T) {
	testenv.Goroutines(t)
	server, o := startHost(t, nil)
	proxy := testenv.Proxy(t, server.Addr())
	o = through(t, o, proxy.Addr, server.HostKey())
	o.aliveInterval, o.aliveMax = 50*time.Millisecond, 3
	c := connectTo(t, o)
	out := make(lineWriter, 10)
	p, err := c.Start(testContext(t), command.Exec{Line: "echo begun; exec sleep 1000", Stdout: out})
	check(t, err)
	<-out
	proxy.BlackHole()
	_, err = p.Wait()
	if fault.KindOf(err) != fault.Lost || !strings.Contains(err.Error(), "no sign of life for 200ms") {
		t.Errorf("got %v", err)
	}
}

// A connection that answers is never given up, however quiet it is.
func TestKeepaliveLeavesALivingLink(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, nil)
	o.aliveInterval, o.aliveMax = time.Millisecond, 1000
	c := connectTo(t, o)
	before := c.link.received.Load()
	for c.link.received.Load() < before+1000 { // some twenty answers
		if _, _, _, err := run(t, c, "true"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAllAddressesAreTried(t *testing.T) {
	testenv.Goroutines(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	closed := free.Addr().String()
	free.Close()
	o := optionsFor(t, closed, nil)
	o.host = "localhost" // at least 127.0.0.1, on most machines ::1 as well
	_, err = newDialer(Deps{}).dial(testContext(t), o)
	if fault.KindOf(err) != fault.Unreachable || !strings.Contains(err.Error(), closed+": connection refused") {
		t.Errorf("got %v", err)
	}
	o.host = "nowhere.invalid:2222"
	_, err = newDialer(Deps{}).dial(testContext(t), o)
	if hint := fault.From(err).Hint; !strings.Contains(hint, "ssh://nowhere.invalid:2222") {
		t.Errorf("hint %q", hint)
	}
	o.host = "nowhere.invalid"
	_, err = newDialer(Deps{}).dial(testContext(t), o)
	if fault.KindOf(err) != fault.Unreachable || !strings.Contains(err.Error(), "cannot resolve nowhere.invalid") {
		t.Errorf("got %v", err)
	}
}

// At one address only some logins are in progress at a time.
func TestHandshakesAtOnce(t *testing.T) {
	testenv.Goroutines(t)
	var now, most atomic.Int32
	s := startScripted(t, func(s *scripted) {
		s.config.NoClientAuthCallback = func(ssh.ConnMetadata) (*ssh.Permissions, error) {
			defer now.Add(-1)
			for n := now.Add(1); ; {
				if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			return nil, nil
		}
	})
	d := newDialer(Deps{})
	o := s.options(t)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			c, err := d.dial(testContext(t), o)
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
	all.Wait()
	if most.Load() > handshakesAtOnce {
		t.Errorf("%d at once", most.Load())
	}
}

// A server with few sessions is served one command after the other; a transfer
// that stays open makes a command fail instead of wait for ever.
func TestFewSessions(t *testing.T) {
	testenv.Goroutines(t)
	var open atomic.Int32
	s := startScripted(t, func(s *scripted) {
		s.channel = func(n ssh.NewChannel) bool {
			if open.Load() >= 2 {
				n.Reject(ssh.ConnectionFailed, "open failed") // as sshd does
				return true
			}
			open.Add(1)
			ch, requests, err := n.Accept()
			if err != nil {
				return true
			}
			go func() {
				defer open.Add(-1)
				r := <-requests
				r.Reply(true, nil)
				if r.Type == "subsystem" {
					ssh.DiscardRequests(requests)
					return
				}
				go ssh.DiscardRequests(requests)
				exitWith(ch, 0)
				ch.Close()
				io.Copy(io.Discard, ch)
			}()
			return true
		}
	})
	c := connectTo(t, s.options(t))
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, _, _, err := run(t, c, "x"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for range 2 {
		_, err := c.SFTP(testContext(t))
		check(t, err)
	}
	if _, _, _, err := run(t, c, "x"); err == nil || fault.KindOf(err) == fault.Timeout {
		t.Errorf("got %v", err)
	}
}

// Channels that are opened while the connection ends come back, each with an
// error, and no goroutine of them stays.
func TestOpenWhileTheLinkBreaks(t *testing.T) {
	testenv.Goroutines(t)
	for round := range 40 {
		conns := make(chan net.Conn, 1)
		s := startScripted(t, func(s *scripted) {
			s.accepted = func(c net.Conn) net.Conn { conns <- c; return c }
			s.channel = func(ssh.NewChannel) bool { return true } // never answers
		})
		o := s.options(t)
		if round%2 == 0 {
			o.rekeyLimit = 1 // a key exchange is under way all the time
		}
		c := connectTo(t, o)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, _, err := c.open(testContext(t), "session", nil); fault.KindOf(err) != fault.Lost {
					t.Errorf("got %v", err)
				}
			})
		}
		(<-conns).Close()
		all.Wait()
		c.Close()
	}
}

func TestForwarding(t *testing.T) {
	testenv.Goroutines(t)
	target, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer target.Close()
	go func() {
		for {
			c, err := target.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	conn, err := c.DialTCP(testContext(t), target.Addr().String())
	check(t, err)
	_, err = io.WriteString(conn, "hello")
	check(t, err)
	check(t, conn.(interface{ CloseWrite() error }).CloseWrite())
	echo, err := io.ReadAll(conn)
	if err != nil || string(echo) != "hello" {
		t.Errorf("got %q %v", echo, err)
	}
	conn.Close()

	quiet, err := c.DialTCP(testContext(t), target.Addr().String())
	check(t, err)
	quiet.SetDeadline(time.Now().Add(-time.Second))
	var timeout net.Error
	if _, err := quiet.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("deadline: %v", err)
	}
	quiet.Close()
	if _, err := c.DialTCP(testContext(t), "127.0.0.1:1"); fault.KindOf(err) != fault.Unreachable {
		t.Errorf("closed port: %v", err)
	}
	if _, err := c.DialTCP(testContext(t), "nonsense"); fault.KindOf(err) != fault.Usage {
		t.Errorf("no port: %v", err)
	}
}

func TestRemoteForwarding(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	listener, err := c.Listen(testContext(t), "127.0.0.1:0")
	check(t, err)
	go func() {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			io.WriteString(conn, "from outside")
			conn.Close()
		}
	}()
	conn, err := listener.Accept()
	check(t, err)
	text, err := io.ReadAll(conn)
	if err != nil || string(text) != "from outside" {
		t.Errorf("got %q %v", text, err)
	}
	conn.Close()
	listener.Close()
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

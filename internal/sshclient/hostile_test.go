package sshclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// rawServer plays a server that does not speak SSH to the end.
func rawServer(t testing.TB, play func(net.Conn)) *options {
	s := startScripted(t, func(s *scripted) {
		s.accepted = func(c net.Conn) net.Conn { play(c); return nil }
	})
	return quick(s.options(t))
}

func TestHostileBeforeTheLogin(t *testing.T) {
	hold := func(c net.Conn) { io.Copy(io.Discard, c) }
	for name, test := range map[string]struct {
		play func(net.Conn)
		kind fault.Kind
		text string
	}{
		"silent": {hold, fault.Unreachable, "the server said nothing"},
		"stops after its version": {func(c net.Conn) {
			io.WriteString(c, "SSH-2.0-x\r\n")
			hold(c)
		}, fault.Unreachable, "the key exchange did not end"},
		"another protocol": {func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\x1b[2J"+strings.Repeat("x", 300)+"\r\n")
			hold(c)
		}, fault.Unreachable, `no SSH server: it said: "HTTP/1.1 400 Bad Request"`},
		"another protocol that waits": {func(c net.Conn) {
			io.WriteString(c, "220 mail.example ESMTP ready\r\n")
			hold(c)
		}, fault.Unreachable, `no SSH server: it said: "220 mail.example ESMTP ready"`},
		"another protocol that hangs up": {func(c net.Conn) {
			c.Read(make([]byte, 100))
			io.WriteString(c, "<html>\n<p>Bad request syntax ('SSH-2.0-gofab')\n")
		}, fault.Unreachable, `no SSH server: it said: "<html>"`},
		"bytes that are no text": {func(c net.Conn) {
			c.Write([]byte{0x15, 3, 3, 0, 2, 1, 0})
			hold(c)
		}, fault.Unreachable, "no SSH server"},
		"an unknown text": {func(c net.Conn) {
			io.WriteString(c, "what is your name?\n")
			hold(c)
		}, fault.Unreachable, `no SSH server: it said: "what is your name?"`},
		"an unknown text without an end": {func(c net.Conn) {
			io.WriteString(c, "login: ")
			hold(c)
		}, fault.Unreachable, `no SSH server: it said: "login:"`},
		"an old protocol": {func(c net.Conn) {
			io.WriteString(c, "SSH-1.5-old\r\n")
			c.Read(make([]byte, 1))
		}, fault.Protocol, "SSH 1 only"},
		"endless lines": {func(c net.Conn) {
			for err := error(nil); err == nil; {
				_, err = io.WriteString(c, strings.Repeat("hello\r\n", 1000))
			}
		}, fault.Unreachable, `no SSH server: it said: "hello"`},
		"garbage packets": {func(c net.Conn) {
			io.WriteString(c, "SSH-2.0-x\r\n")
			noise := rand.NewChaCha8([32]byte{1})
			io.CopyN(c, noise, 1<<16)
			hold(c)
		}, fault.Protocol, "handshake failed"},
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Goroutines(t)
			o := rawServer(t, test.play)
			_, err := newDialer(Deps{}).dial(testContext(t), o)
			if fault.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %s: %v", fault.KindOf(err), err)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("unsafe text: %q", err)
			}
		})
	}
}

func TestCallerEndsTheHandshake(t *testing.T) {
	testenv.Goroutines(t)
	ctx, cancel := context.WithCancel(context.Background())
	o := rawServer(t, func(c net.Conn) { cancel(); io.Copy(io.Discard, c) })
	_, err := newDialer(Deps{}).dial(ctx, o)
	if fault.KindOf(err) != fault.Cancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A server that is full drops connections before it says anything.
func TestDroppedLoginsAreTriedAgain(t *testing.T) {
	testenv.Goroutines(t)
	drops := make(chan string, 3)
	drops <- ""
	drops <- "Exceeded MaxStartups\r\n"
	drops <- ""
	s := startScripted(t, func(s *scripted) {
		s.accepted = func(c net.Conn) net.Conn {
			select {
			case text := <-drops:
				io.WriteString(c, text)
				return nil
			default:
				return c
			}
		}
	})
	c := connectTo(t, s.options(t))
	if len(drops) != 0 {
		t.Errorf("%d drops left", len(drops))
	}
	c.Close()
}

func TestBannerFlood(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, func(s *scripted) {
		s.config.PreAuthConnCallback = func(c ssh.ServerPreAuthConn) {
			for err := error(nil); err == nil; {
				err = c.SendAuthBanner(strings.Repeat("flood ", 4000))
			}
		}
	})
	shown := 0
	d := newDialer(Deps{Banner: func(_, text string) { shown += len(text) }})
	_, err := d.dial(testContext(t), s.options(t))
	if fault.KindOf(err) != fault.Protocol || !strings.Contains(err.Error(), "bytes of banner") {
		t.Errorf("got %v", err)
	}
	if shown > bannerShown {
		t.Errorf("%d bytes of banner shown", shown)
	}
}

func TestHostileSessions(t *testing.T) {
	for name, test := range map[string]struct {
		session func(ssh.Channel, <-chan *ssh.Request)
		kind    fault.Kind
	}{
		"no status": {func(ch ssh.Channel, _ <-chan *ssh.Request) {}, fault.Lost},
		"truncated status": {func(ch ssh.Channel, _ <-chan *ssh.Request) {
			ch.SendRequest("exit-status", false, []byte{0, 0})
		}, fault.Lost},
		"empty signal": {func(ch ssh.Channel, _ <-chan *ssh.Request) {
			ch.SendRequest("exit-signal", false, nil)
		}, fault.Lost},
		"two statuses": {func(ch ssh.Channel, _ <-chan *ssh.Request) { exitWith(ch, 0); exitWith(ch, 9) }, ""},
		"output on an unknown stream": {func(ch ssh.Channel, _ <-chan *ssh.Request) {
			ch.(interface{ Extended(uint32) io.ReadWriter }).Extended(7).Write(bytes.Repeat([]byte("x"), 4<<20))
			exitWith(ch, 0)
		}, ""},
		"a flood of requests": {func(ch ssh.Channel, _ <-chan *ssh.Request) {
			for range 1000 {
				ch.SendRequest("keepalive@openssh.com", true, nil)
			}
			exitWith(ch, 0)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Goroutines(t)
			s := startScripted(t, func(s *scripted) { s.session = test.session })
			c := connectTo(t, s.options(t))
			_, _, _, err := run(t, c, "x")
			if fault.KindOf(err) != test.kind {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Endless output ends with the context, and nothing is left behind.
func TestEndlessOutput(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, func(s *scripted) {
		s.session = func(ch ssh.Channel, _ <-chan *ssh.Request) {
			block := make([]byte, 32<<10)
			for err := error(nil); err == nil; {
				_, err = ch.Write(block)
			}
		}
	})
	c := connectTo(t, s.options(t))
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	_, err := c.Exec(ctx, command.Exec{Line: "x", Stdout: writerFunc(func(p []byte) (int, error) {
		if seen += len(p); seen > 8<<20 {
			cancel()
		}
		return len(p), nil
	})})
	if fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}

// A peer that never confirms anything holds nobody up.
func TestPeerThatNeverAnswers(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, func(s *scripted) {
		s.channel = func(ssh.NewChannel) bool { return true } // neither accepted nor refused
	})
	c := connectTo(t, s.options(t))
	ctx, cancel := context.WithCancel(context.Background())
	errs := make(chan error)
	go func() {
		_, err := c.Exec(ctx, command.Exec{Line: "x"})
		errs <- err
	}()
	cancel()
	if err := <-errs; fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
	go func() {
		_, err := c.SFTP(context.Background())
		errs <- err
	}()
	c.Close()
	if err := <-errs; fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}

// The status came, the rest of the output did not.
func TestLinkCutBehindTheStatus(t *testing.T) {
	testenv.Goroutines(t)
	var conn net.Conn
	s := startScripted(t, func(s *scripted) {
		s.accepted = func(c net.Conn) net.Conn { conn = c; return c }
		s.session = func(ch ssh.Channel, _ <-chan *ssh.Request) {
			io.WriteString(ch, "half of it")
			exitWith(ch, 0)
			ch.SendRequest("wait", true, nil) // the client has the status
			conn.Close()
		}
	})
	c := connectTo(t, s.options(t))
	_, _, exit, err := run(t, c, "x")
	if fault.KindOf(err) != fault.Lost {
		t.Errorf("got %+v %v", exit, err)
	}
}

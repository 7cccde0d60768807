package sshclient

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// accepts makes a scripted server take exactly these keys.
func accepts(offered *[]string, keys ...ssh.PublicKey) func(*scripted) {
	var mu sync.Mutex
	return func(s *scripted) {
		s.config.NoClientAuth = false
		s.config.MaxAuthTries = 6
		s.config.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			mu.Lock()
			defer mu.Unlock()
			if offered != nil {
				*offered = append(*offered, ssh.FingerprintSHA256(key))
			}
			for _, k := range keys {
				if bytes.Equal(k.Marshal(), key.Marshal()) {
					return nil, nil
				}
			}
			return nil, errors.New("unknown key")
		}
	}
}

// startAgent serves a keyring on a socket.
func startAgent(t testing.TB, keys ...any) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, k := range keys {
		check(t, ring.Add(agent.AddedKey{PrivateKey: k}))
	}
	return serveRing(t, ring)
}

func serveRing(t testing.TB, ring agent.Agent) string {
	return serveAgent(t, func(c net.Conn) { agent.ServeAgent(ring, c) })
}

func serveAgent(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent") // t.TempDir may be too long for a socket
	check(t, err)
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	check(t, err)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { serve(c); c.Close() })
		}
	})
	t.Cleanup(func() { listener.Close(); all.Wait(); os.RemoveAll(dir) })
	return listener.Addr().String()
}

func TestKeyTypes(t *testing.T) {
	testenv.Goroutines(t)
	ed, _ := newKey(t)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	for _, private := range []any{ed, ec, rs} {
		t.Run(fmt.Sprintf("%T", private), func(t *testing.T) {
			signer, err := ssh.NewSignerFromKey(private)
			check(t, err)
			s := startScripted(t, accepts(nil, signer.PublicKey()))
			fromFile := s.options(t)
			fromFile.identityFiles = []string{keyFileOf(t, private, "")}
			if c := connectTo(t, fromFile); c.Info().Auth != fromFile.identityFiles[0] {
				t.Errorf("Info is %+v", c.Info())
			}
			fromAgent := s.options(t)
			fromAgent.agentSocket = startAgent(t, private)
			if c := connectTo(t, fromAgent); !strings.HasPrefix(c.Info().Auth, "agent key SHA256:") {
				t.Errorf("Info is %+v", c.Info())
			}
		})
	}
}

// Keys of the agent that the configuration names go first; with IdentitiesOnly
// there are no others. Files come last.
func TestKeyOrder(t *testing.T) {
	testenv.Goroutines(t)
	other, otherSigner := newKey(t)
	named, namedSigner := newKey(t)
	file, fileSigner := newKey(t)
	print := func(s ssh.Signer) string { return ssh.FingerprintSHA256(s.PublicKey()) }
	for _, only := range []bool{false, true} {
		var offered []string
		s := startScripted(t, accepts(&offered))
		o := s.options(t)
		o.agentSocket = startAgent(t, other, named)
		o.identityFiles = []string{keyFileOf(t, file, ""), keyFileOf(t, named, ""), "/nonexistent/key"}
		o.identitiesOnly = only
		_, err := newDialer(Deps{}).dial(testContext(t), o)
		want := []string{print(namedSigner), print(otherSigner), print(fileSigner)}
		if only {
			want = []string{print(namedSigner), print(fileSigner)}
		}
		if fault.KindOf(err) != fault.Auth || fmt.Sprint(offered) != fmt.Sprint(want) {
			t.Errorf("only %v: offered %v, want %v: %v", only, offered, want, err)
		}
		text := fmt.Sprintf("login as deploy refused (tried agent key %s", want[0])
		if !strings.Contains(err.Error(), text) {
			t.Errorf("message: %v", err)
		}
	}
}

// However many keys an agent has, a password can still be tried.
func TestAtMostFiveOffers(t *testing.T) {
	testenv.Goroutines(t)
	var keys []any
	for range 50 {
		k, _ := newKey(t)
		keys = append(keys, k)
	}
	var offered []string
	s := startScripted(t, func(s *scripted) {
		accepts(&offered)(s)
		s.config.PasswordCallback = func(_ ssh.ConnMetadata, pw []byte) (*ssh.Permissions, error) {
			if string(pw) == "secret" {
				return nil, nil
			}
			return nil, errors.New("wrong")
		}
	})
	o := s.options(t)
	o.agentSocket = startAgent(t, keys...)
	d := newDialer(Deps{Password: func(host string) (string, bool) { return "secret", host == "web1" }})
	c, err := d.dial(testContext(t), o)
	check(t, err)
	defer c.Close()
	if len(offered) != maxKeyOffers || c.Info().Auth != "password" {
		t.Errorf("%d offers, %+v", len(offered), c.Info())
	}
}

func TestHostileAgents(t *testing.T) {
	testenv.Goroutines(t)
	private, signer := newKey(t)
	s := startScripted(t, accepts(nil, signer.PublicKey()))
	for name, serve := range map[string]func(net.Conn){
		"hangs up": func(c net.Conn) {},
		"garbage":  func(c net.Conn) { c.Write([]byte{0, 0, 0, 9, 12, 0, 0, 0, 77, 1, 1, 1, 1}) },
		"refuses":  func(c net.Conn) { c.Read(make([]byte, 5)); c.Write([]byte{0, 0, 0, 1, 5}) },
		"huge":     func(c net.Conn) { c.Write([]byte{255, 255, 255, 255, 12}) },
	} {
		t.Run(name, func(t *testing.T) {
			o := s.options(t)
			o.agentSocket = serveAgent(t, serve)
			o.identityFiles = []string{keyFileOf(t, private, "")}
			connectTo(t, o).Close()
			o.identityFiles = nil
			_, err := newDialer(Deps{}).dial(testContext(t), o)
			if fault.KindOf(err) != fault.Auth || !strings.Contains(fault.From(err).Hint, "agent") {
				t.Errorf("got %v; %s", err, fault.From(err).Hint)
			}
		})
	}
	t.Run("silent", func(t *testing.T) {
		o := quick(s.options(t))
		o.agentSocket = serveAgent(t, func(c net.Conn) { c.Read(make([]byte, 100)); c.Read(make([]byte, 1)) })
		_, err := newDialer(Deps{}).dial(testContext(t), o)
		if fault.KindOf(err) != fault.Unreachable {
			t.Errorf("got %v", err)
		}
	})
}

func TestUserCertificate(t *testing.T) {
	testenv.Goroutines(t)
	_, authority := newKey(t)
	private, signer := newKey(t)
	cert := &ssh.Certificate{Key: signer.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"deploy"}, ValidBefore: ssh.CertTimeInfinity}
	check(t, cert.SignCert(rand.Reader, authority))
	checker := ssh.CertChecker{IsUserAuthority: func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), authority.PublicKey().Marshal()) }}
	s := startScripted(t, func(s *scripted) {
		s.config.NoClientAuth = false
		s.config.PublicKeyCallback = checker.Authenticate
	})
	path := keyFileOf(t, private, "")
	check(t, os.WriteFile(path+"-cert.pub", ssh.MarshalAuthorizedKey(cert), 0o644))
	beside := s.options(t)
	beside.identityFiles = []string{path}
	if c := connectTo(t, beside); c.Info().Auth != path+"-cert.pub" {
		t.Errorf("Info is %+v", c.Info())
	}
	withAgent := s.options(t)
	withAgent.agentSocket, withAgent.certificateFiles = startAgent(t, private), []string{path + "-cert.pub"}
	connectTo(t, withAgent)
}

func TestPasswordPrompts(t *testing.T) {
	testenv.Goroutines(t)
	s := startScripted(t, func(s *scripted) {
		s.config.NoClientAuth = false
		s.config.PasswordCallback = func(_ ssh.ConnMetadata, pw []byte) (*ssh.Permissions, error) {
			if string(pw) == "third" {
				return nil, nil
			}
			return nil, errors.New("wrong")
		}
	})
	answers := []string{"first", "second", "third"}
	d := newDialer(Deps{Prompt: func(_ context.Context, q Question) (string, error) {
		if q.Text != "deploy@web1's password: " || q.Echo {
			t.Errorf("asked %+v", q)
		}
		answer := answers[0]
		answers = answers[1:]
		return answer, nil
	}})
	c, err := d.dial(testContext(t), s.options(t))
	check(t, err)
	c.Close()
	// A password that is given is tried once, and nobody is asked then.
	d = newDialer(Deps{
		Password: func(string) (string, bool) { return "wrong", true },
		Prompt:   func(context.Context, Question) (string, error) { t.Error("asked"); return "", nil },
	})
	_, err = d.dial(testContext(t), s.options(t))
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "(tried password)") {
		t.Errorf("got %v", err)
	}
}

// A key, then a password, then a one-time code: partial success goes on.
func TestSeveralFactors(t *testing.T) {
	testenv.Goroutines(t)
	private, signer := newKey(t)
	s := startScripted(t, func(s *scripted) {
		s.config.NoClientAuth = false
		s.config.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !bytes.Equal(key.Marshal(), signer.PublicKey().Marshal()) {
				return nil, errors.New("unknown key")
			}
			return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{KeyboardInteractiveCallback: askTwice}}
		}
	})
	o := s.options(t)
	o.identityFiles = []string{keyFileOf(t, private, "")}
	d := newDialer(Deps{
		Password: func(string) (string, bool) { return "pam password", true },
		Prompt: func(_ context.Context, q Question) (string, error) {
			if q.Text != "two factors\n\\x1b[31mcode: " || !q.Echo {
				t.Errorf("asked %+v", q)
			}
			return "123456", nil
		},
	})
	c, err := d.dial(testContext(t), o)
	check(t, err)
	c.Close()
}

// askTwice is PAM with a password and a one-time code.
func askTwice(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	first, err := ask("", "", []string{"Password: "}, []bool{false})
	if err != nil || first[0] != "pam password" {
		return nil, fmt.Errorf("password %q %v", first, err)
	}
	second, err := ask("two factors", "", []string{"\x1b[31mcode: "}, []bool{true})
	if err != nil || second[0] != "123456" {
		return nil, fmt.Errorf("code %q %v", second, err)
	}
	_, err = ask("", "", nil, nil)
	return nil, err
}

package sshclient

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// remote is a field of a server's channel that says what the client believes
// in: a server that lies about it sends what no correct one does.
func remote[T any](ch ssh.Channel, names ...string) *T {
	v := reflect.ValueOf(ch)
	for _, name := range names {
		v = reflect.Indirect(v).FieldByName(name)
	}
	return (*T)(unsafe.Pointer(v.UnsafeAddr()))
}

// Wrong channel numbers, more than the window and packets that are too long end
// the connection, with an error that says so. Goroutines are not counted: those of
// x/crypto/ssh stay when many packets follow the wrong one (see lastWord).
func TestHostileChannels(t *testing.T) {
	for name, lie := range map[string]func(ch ssh.Channel){
		"data for a channel that is not there": func(ch ssh.Channel) { *remote[uint32](ch, "remoteId") = 77 },
		"more than the window":                 func(ch ssh.Channel) { *remote[uint32](ch, "remoteWin", "win") = 1 << 31 },
		"packets of a megabyte": func(ch ssh.Channel) {
			*remote[uint32](ch, "maxRemotePayload") = 1 << 20
			*remote[uint32](ch, "remoteWin", "win") = 1 << 31
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startScripted(t, func(s *scripted) {
				s.session = func(ch ssh.Channel, _ <-chan *ssh.Request) {
					lie(ch)
					block := make([]byte, 1<<20)
					for range 64 {
						if _, err := ch.Write(block); err != nil {
							return
						}
					}
				}
			})
			c := connectTo(t, s.options(t))
			blocked := make(chan struct{}) // nobody reads, so that the window stays full
			defer close(blocked)
			_, err := c.Exec(testContext(t), command.Exec{Line: "x", Stdout: writerFunc(func(p []byte) (int, error) {
				select {
				case <-blocked:
				case <-c.Done():
				}
				return len(p), nil
			})})
			if fault.KindOf(err) != fault.Lost {
				t.Errorf("got %v", err)
			}
			if _, err := c.Exec(testContext(t), command.Exec{Line: "x"}); fault.KindOf(err) != fault.Lost {
				t.Errorf("then: %v", err)
			}
		})
	}
}

// A server that goes on with the authentication for ever is left at the limit,
// or as soon as there is nothing to say any more.
func TestEndlessAuthentication(t *testing.T) {
	forever := func(questions []string) func(ssh.ConnMetadata, ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		return func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			for {
				if _, err := ask("", "", questions, make([]bool, len(questions))); err != nil {
					return nil, err
				}
			}
		}
	}
	var again ssh.ServerAuthCallbacks
	again.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
		return nil, &ssh.PartialSuccessError{Next: again}
	}
	for name, test := range map[string]struct {
		adjust func(*ssh.ServerConfig)
		kind   fault.Kind
	}{
		"rounds without a question": {func(c *ssh.ServerConfig) { c.KeyboardInteractiveCallback = forever(nil) }, fault.Unreachable},
		"a thousand questions": {func(c *ssh.ServerConfig) {
			c.KeyboardInteractiveCallback = forever(strings.Split(strings.Repeat("and?,", 1000), ","))
		}, fault.Unreachable},
		"always half a success": {func(c *ssh.ServerConfig) { c.PasswordCallback = again.PasswordCallback }, fault.Auth},
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Goroutines(t)
			s := startScripted(t, func(s *scripted) {
				s.config.NoClientAuth, s.config.MaxAuthTries = false, -1
				test.adjust(s.config)
			})
			d := newDialer(Deps{Prompt: func(context.Context, Question) (string, error) { return "answer", nil }})
			_, err := d.dial(testContext(t), quick(s.options(t)))
			if fault.KindOf(err) != test.kind {
				t.Errorf("got %v", err)
			}
		})
	}
}

// liar has a key and signs with nothing, or with another one.
type liar struct {
	ssh.Signer
	sign func(data []byte) (*ssh.Signature, error)
}

func (l liar) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) { return l.sign(data) }

// A host that cannot sign with the key it shows is not let near a password.
func TestWrongHostKeySignature(t *testing.T) {
	_, own := newKey(t)
	_, other := newKey(t)
	for name, sign := range map[string]func([]byte) (*ssh.Signature, error){
		"of another key": func(data []byte) (*ssh.Signature, error) { return other.Sign(nil, data) },
		"of other data":  func(data []byte) (*ssh.Signature, error) { return own.Sign(nil, data[1:]) },
		"empty":          func([]byte) (*ssh.Signature, error) { return &ssh.Signature{Format: ssh.KeyAlgoED25519}, nil },
		"of another kind": func(data []byte) (*ssh.Signature, error) {
			signature, err := own.Sign(nil, data)
			return &ssh.Signature{Format: ssh.KeyAlgoRSASHA512, Blob: signature.Blob}, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			testenv.Goroutines(t)
			asked := false
			s := startScripted(t, func(s *scripted) {
				s.hostKey = own
				s.config = &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
					asked = true
					return nil, errors.New("no")
				}}
				s.config.AddHostKey(liar{own, sign})
			})
			d := newDialer(Deps{Password: func(string) (string, bool) { return "secret", true }})
			_, err := d.dial(testContext(t), s.options(t))
			if kind := fault.KindOf(err); asked || kind != fault.Protocol && kind != fault.HostKey {
				t.Errorf("asked %v, %v", asked, err)
			}
		})
	}
}

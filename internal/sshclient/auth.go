package sshclient

import (
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// maxKeyOffers is how many public keys one login offers. Each costs one of the
// server's MaxAuthTries (6), of which one is left for a password.
const maxKeyOffers = 5

// authenticator chooses what a login tries next (RFC 4252). It works in the
// goroutine of the handshake.
type authenticator struct {
	*login
	steps   atomic.Int32 // how often the server was ready for a method
	allowed []string     // what the server accepted last
	tried   []string     // for the message
	notes   []string     // what could not be tried, for the hint
	success string       // what was tried last
	nobody  bool         // a question was refused, or there is nobody to ask

	nothingLeft bool // everything was tried

	offers  []offer
	loaded  bool
	offered int

	passwords    int // rounds
	interactives int // rounds
	knownUsed    bool
}

func newAuthenticator(l *login) *authenticator {
	return &authenticator{login: l, nobody: l.dialer.deps.Prompt == nil || l.o.batch}
}

// next gives the method to try. It is called once before each attempt.
func (a *authenticator) next(state *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if a.link.broken.Load() {
		return a.readOn(), nil
	}
	a.steps.Add(1)
	a.allowed = state.AllowedMethods
	for _, name := range a.o.methods {
		if !slices.Contains(a.allowed, name) {
			continue
		}
		if method := a.method(name, state); method != nil && !a.link.broken.Load() {
			return method, nil
		}
	}
	a.nothingLeft = !a.link.broken.Load()
	return a.readOn(), nil
}

// readOn ends a login: the method it gives sends nothing to anybody and reads
// what is still queued (see link.abandon).
func (a *authenticator) readOn() ssh.AuthMethod {
	a.link.abandon()
	return ssh.RetryableAuthMethod(ssh.Password(""), 0)
}

func (a *authenticator) method(name string, state *ssh.ClientAuthContext) ssh.AuthMethod {
	switch name {
	case "publickey":
		return a.publicKey()
	case "password":
		return a.password()
	case "keyboard-interactive":
		return a.interactive(state)
	default:
		return nil
	}
}

// try notes what the server is going to see.
func (a *authenticator) try(what string) {
	a.success = what
	if !slices.Contains(a.tried, what) {
		a.tried = append(a.tried, what)
	}
}

func (a *authenticator) note(text string) {
	if !slices.Contains(a.notes, text) {
		a.notes = append(a.notes, text)
	}
}

// refusal is the error of a login that did not succeed.
func (a *authenticator) refusal(err error, byPeer bool) error {
	tried := "nothing to try"
	if len(a.tried) > 0 {
		tried = "tried " + strings.Join(a.tried, ", ")
	}
	e := fault.New(fault.Auth, "login as %s refused (%s)", a.o.user, tried)
	text := err.Error()
	switch at := strings.Index(text, "ssh: disconnect"); {
	case a.nothingLeft:
	case at >= 0:
		e.Message += ": " + termsafe.Line(strings.TrimPrefix(text[at:], "ssh: "))
	case byPeer:
		e.Message += ": the server closed the connection: " + sysReason(a.link.reason())
	default:
		e.Message += ": " + termsafe.Line(strings.TrimPrefix(text, "ssh: handshake failed: "))
	}
	return e.WithHint("%s", a.advice())
}

// advice says what the server takes and what stood in the way.
func (a *authenticator) advice() string {
	advice := "the server accepts " + termsafe.Line(strings.Join(a.allowed, ", "))
	if len(a.allowed) == 0 {
		advice = "the server named no way to log in"
	}
	if len(a.offers) > 0 && a.offered > 0 {
		a.note("there are more keys, name the right one with IdentityFile and IdentitiesOnly")
	}
	if len(a.notes) > 0 {
		advice += "; " + strings.Join(a.notes, "; ")
	}
	return advice
}

package sshclient

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// droppedError marks a login that the server ended before it had looked at any
// credential: a full sshd does that at random, and it is safe to try again.
type droppedError struct{ error }

func (e *droppedError) Unwrap() error { return e.error }

// explain turns the failure of a login into an error for an operator.
func (l *login) explain(ctx context.Context, err error) error {
	reason := l.link.reason()
	byPeer := reason != nil && !errors.Is(reason, net.ErrClosed)
	var negotiation *ssh.AlgorithmNegotiationError
	var proxy *proxyError
	switch {
	case ctx.Err() != nil:
		return ended(ctx)
	case errors.Is(reason, errForeign), l.limit.reached() && l.said() != "":
		return l.strange(err)
	case l.limit.reached():
		return fault.New(fault.Unreachable, "no login within %s: %s", l.o.loginTimeout, l.stuckAt()).
			WithHint("the port answers but its server does not work; raise ConnectTimeout if it is only slow")
	case l.hostErr != nil:
		return l.hostErr
	case errors.As(reason, &proxy):
		return fault.Wrap(fault.Unreachable, proxy, "no connection").WithHint("run the ProxyCommand by hand")
	case l.banners > bannerLimit:
		return fault.New(fault.Protocol, "the server sent more than %d bytes of banner", bannerLimit)
	case errors.As(err, &negotiation):
		return l.noCommonAlgorithm(negotiation)
	case l.auth.steps.Load() > 0:
		return l.auth.refusal(err, byPeer)
	case l.speaksOldProtocol():
		return fault.New(fault.Protocol, "the server speaks SSH 1 only, which is not safe and not supported")
	case byPeer && (l.said() == "" || isRefusal(l.link.peekGreeting())):
		return l.dropped(reason)
	default:
		return l.strange(err)
	}
}

// stuckAt says how far a login came that did not end.
func (l *login) stuckAt() string {
	switch {
	case l.link.received.Load() == 0:
		return "the server said nothing"
	case l.hostKey == nil:
		return "the key exchange did not end"
	default:
		return "the authentication did not end"
	}
}

// speaksOldProtocol looks at the version of the server; 1.99 means both (RFC
// 4253, section 5.1).
func (l *login) speaksOldProtocol() bool {
	greeting := l.link.peekGreeting()
	return strings.HasPrefix(greeting, "SSH-1.") && !strings.HasPrefix(greeting, "SSH-1.99")
}

func (l *login) noCommonAlgorithm(err *ssh.AlgorithmNegotiationError) error {
	what := strings.TrimPrefix(err.Error(), "ssh: ")
	return fault.Wrap(fault.Protocol, &quiet{err}, "%s", termsafe.Line(what)).
		WithHint("old servers need their algorithms named in the ssh configuration (KexAlgorithms, HostKeyAlgorithms, Ciphers, MACs)")
}

func (l *login) dropped(reason error) error {
	e := fault.Wrap(fault.Unreachable, &droppedError{&quiet{reason}}, "the server closed the connection before the login: %s", sysReason(reason))
	if said := l.said(); said != "" {
		e.Message += "; it said: " + said
	}
	return e.WithHint("sshd drops logins beyond its MaxStartups, and addresses it has blocked")
}

// strange is a handshake that broke the protocol.
func (l *login) strange(err error) error {
	if said := l.said(); said != "" {
		return fault.New(fault.Unreachable, "no SSH server: it said: %s", said).
			WithHint("is %d the port of sshd?", l.o.port)
	}
	what := strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
	return fault.Wrap(fault.Protocol, &quiet{err}, "the handshake failed: %s", termsafe.Line(what))
}

// sysReason is the text of a network error without the names of system calls.
func sysReason(err error) string {
	var errno syscall.Errno
	var sys *os.SyscallError
	switch {
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &sys):
		return sys.Err.Error()
	case err == io.EOF:
		return "end of file"
	default:
		return err.Error()
	}
}

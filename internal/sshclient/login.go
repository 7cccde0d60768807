package sshclient

import (
	"bytes"
	"context"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// clientVersion is how gofab introduces itself (RFC 4253, section 4.2).
const clientVersion = "SSH-2.0-gofab"

const (
	bannerShown = 16 << 10 // bytes of banner that are passed on
	bannerLimit = 1 << 20  // bytes of banner that end the login
)

// login is one attempt to get in: a connection, the key exchange and the
// authentication.
type login struct {
	dialer  *Dialer
	o       *options
	limit   *limit
	link    *link
	auth    *authenticator
	banners int // bytes so far

	hostKey ssh.PublicKey // once it is trusted
	hostErr error         // why it is not
	inFile  bool          // known_hosts had the key itself

	step time.Time // when the present step began
	took Steps
}

// login makes one attempt along r.
func (d *Dialer) login(ctx context.Context, o *options, r *route) (*Client, error) {
	leave, err := d.gate.enter(ctx, r.gate)
	if err != nil {
		return nil, err
	}
	defer leave()
	began := time.Now()
	conn, err := r.dial(ctx)
	if err != nil {
		return nil, err
	}
	l := &login{dialer: d, o: o, link: newLink(conn), limit: newLimit(ctx, o.loginTimeout), step: began}
	l.took.Connect = l.lap()
	defer l.limit.stop()
	l.auth = newAuthenticator(l)
	return l.run(ctx)
}

// run does the handshake. Closing the link is what ends it early, since
// x/crypto/ssh knows no context.
func (l *login) run(ctx context.Context) (*Client, error) {
	config, err := l.config()
	if err != nil {
		_ = l.link.Close()
		return nil, err
	}
	uncut := context.AfterFunc(l.limit.ctx, l.link.abandon)
	conn, channels, requests, err := ssh.NewClientConn(l.link, l.o.host, config)
	if err != nil {
		uncut()
		return nil, l.explain(ctx, err)
	}
	l.took.Login = l.lap()
	client := newClient(l, conn)
	client.start(l.o, channels, requests)
	if !uncut() || l.link.abandoned.Load() {
		_ = client.Close()
		return nil, l.explain(ctx, errLimit)
	}
	l.auth = nil // the connection holds the login, for the next key exchange
	l.link.dropGreeting()
	return client, nil
}

func (l *login) config() (*ssh.ClientConfig, error) {
	algorithms, err := l.o.algorithms()
	if err != nil {
		return nil, err
	}
	hostKeyAlgorithms, err := l.hostKeyAlgorithms()
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{
		Config:            algorithms,
		User:              l.o.user,
		ClientVersion:     clientVersion,
		HostKeyAlgorithms: hostKeyAlgorithms,
		HostKeyCallback:   l.checkHostKey,
		BannerCallback:    l.banner,
		AuthCallback:      func(s *ssh.ClientAuthContext) (ssh.AuthMethod, error) { return l.auth.next(s) },
	}, nil
}

// checkHostKey is called for each key exchange, of which later ones must show
// the key of the first.
func (l *login) checkHostKey(_ string, _ net.Addr, key ssh.PublicKey) error {
	if l.hostKey != nil {
		if bytes.Equal(l.hostKey.Marshal(), key.Marshal()) {
			return nil
		}
		return fault.New(fault.HostKey, "the host key changed within a connection")
	}
	if err := l.trust(key); err != nil {
		l.hostErr = err
		return err
	}
	l.hostKey = key
	l.took.HostKey = l.lap()
	return nil
}

// lap ends a step and gives its time.
func (l *login) lap() time.Duration {
	now := time.Now()
	took := now.Sub(l.step)
	l.step = now
	return took
}

// banner passes on what the server says before the login.
func (l *login) banner(text string) error {
	room := bannerShown - l.banners
	l.banners += len(text) + 1
	if l.banners > bannerLimit {
		l.link.abandon()
		return nil
	}
	if l.dialer.deps.Banner != nil && room > 0 {
		l.dialer.deps.Banner(l.o.name, text[:min(len(text), room)])
	}
	return nil
}

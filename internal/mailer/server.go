package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"gofab/internal/fault"
	"gofab/internal/tlsinfo"
)

// Security is how a connection is encrypted.
type Security string

// The ways to encrypt.
const (
	STARTTLS Security = "starttls" // after the greeting, demanded
	TLS      Security = "tls"      // from the start
	None     Security = "none"     // not at all
	Auto     Security = "auto"     // STARTTLS when it is offered
)

// Server is where mail is handed in.
type Server struct {
	Host       string
	Port       int // 0 takes 587, or 465 for TLS
	Security   Security
	Insecure   bool // accept every certificate
	CAFile     string
	Helo       string // our name; "localhost" when empty
	Source     string // local address
	User       string
	Password   string
	Auth       string // auto, plain, login, cram-md5, xoauth2
	AllowPlain bool   // send a password over a link without encryption
	Timeout    time.Duration
}

// address is host and port.
func (s Server) address() string {
	port := s.Port
	switch {
	case port != 0:
	case s.Security == TLS:
		port = 465
	default:
		port = 587
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(port))
}

// Session is an open connection to a server.
type Session struct {
	server Server
	client *smtp.Client
	wire   *wire
	roots  *x509.CertPool
	tls    *tls.ConnectionState
}

// Open connects, encrypts and logs in. ctx ends the opening, not the session.
func (s Server) Open(ctx context.Context) (*Session, error) {
	x, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if s.User == "" {
		return x, nil
	}
	if err := x.during(ctx, func() error { return x.login() }); err != nil {
		_ = x.Close()
		return nil, err
	}
	return x, nil
}

// connect makes the connection, up to the login. With an error the session is
// what there was until then, closed, or nil.
func (s Server) connect(ctx context.Context) (*Session, error) {
	x := &Session{server: s}
	config, err := x.tlsConfig()
	if err != nil {
		return nil, err
	}
	if err := x.dial(ctx); err != nil {
		return nil, err
	}
	err = x.during(ctx, func() error { return x.greet(ctx, config) })
	if err != nil {
		_ = x.Close()
	}
	return x, err
}

func (x *Session) tlsConfig() (*tls.Config, error) {
	s := x.server
	if s.CAFile != "" {
		data, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fault.OS(err, "cannot read ca_file %s", s.CAFile)
		}
		x.roots = x509.NewCertPool()
		if !x.roots.AppendCertsFromPEM(data) {
			return nil, fault.New(fault.Parse, "there is no certificate in ca_file %s", s.CAFile)
		}
	}
	return &tls.Config{ServerName: s.Host, RootCAs: x.roots, InsecureSkipVerify: s.Insecure, MinVersion: tls.VersionTLS12}, nil
}

func (x *Session) dial(ctx context.Context) error {
	s := x.server
	dialer := net.Dialer{Timeout: s.Timeout}
	if s.Source != "" {
		ip := net.ParseIP(s.Source)
		if ip == nil {
			return fault.New(fault.Usage, "source: %q is not an address", s.Source)
		}
		dialer.LocalAddr = &net.TCPAddr{IP: ip}
	}
	conn, err := dialer.DialContext(ctx, "tcp", s.address())
	if err != nil {
		return x.failed("connect", err)
	}
	x.wire = &wire{Conn: conn}
	return nil
}

// greet says hello, and encrypts as the server was declared.
func (x *Session) greet(ctx context.Context, config *tls.Config) error {
	conn := net.Conn(x.wire)
	if x.server.Security == TLS {
		var err error
		if conn, err = x.handshake(ctx, conn, config); err != nil {
			return err
		}
	}
	if err := x.hello(conn); err != nil {
		return err
	}
	offered, _ := x.client.Extension("STARTTLS")
	switch {
	case x.server.Security == STARTTLS && !offered:
		return fault.New(fault.Unsupported, "%s does not offer STARTTLS", x.server.address()).
			WithHint("tls = \"tls\" for port 465; tls = \"none\" sends without encryption")
	case x.server.Security == STARTTLS, x.server.Security == Auto && offered:
		return x.upgrade(ctx, config)
	}
	return nil
}

func (x *Session) hello(conn net.Conn) error {
	x.client = smtp.NewClient(conn)
	x.client.CommandTimeout, x.client.SubmissionTimeout = x.server.Timeout, x.server.Timeout
	name := x.server.Helo
	if name == "" {
		name = "localhost"
	}
	if err := x.client.Hello(name); err != nil {
		return x.failed("greeting", err)
	}
	return nil
}

// upgrade encrypts the connection and says hello anew (RFC 3207). What the
// server sent behind its answer was not encrypted and is refused.
func (x *Session) upgrade(ctx context.Context, config *tls.Config) error {
	if err := x.wire.startTLS(x.server.Timeout); err != nil {
		return x.failed("tls", err)
	}
	conn, err := x.handshake(ctx, x.wire, config)
	if err != nil {
		return err
	}
	return x.hello(&greeted{Conn: conn})
}

func (x *Session) handshake(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	secured := tls.Client(conn, config)
	limited, end := context.WithTimeout(ctx, x.server.Timeout)
	defer end()
	if err := secured.HandshakeContext(limited); err != nil {
		x.tls = tlsinfo.Refused(err)
		return nil, x.failed("tls", err)
	}
	state := secured.ConnectionState()
	x.tls = &state
	return secured, nil
}

// during runs a step of the session; the end of ctx breaks the connection.
func (x *Session) during(ctx context.Context, step func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = x.wire.Conn.Close() })
	defer stop()
	err := step()
	if err != nil && ctx.Err() != nil {
		if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		return fault.New(fault.Timeout, "%s did not answer in time", x.server.address())
	}
	return err
}

// Features are what the server offers, with their parameters.
func (x *Session) Features() map[string]string {
	out := map[string]string{}
	for _, name := range []string{"8BITMIME", "AUTH", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "PIPELINING", "SIZE", "SMTPUTF8", "STARTTLS", "REQUIRETLS", "LIMITS"} {
		if ok, parameters := x.client.Extension(name); ok {
			out[strings.ToLower(name)] = parameters
		}
	}
	return out
}

// Encrypted tells about the encryption; nil without.
func (x *Session) Encrypted(now time.Time) *tlsinfo.Info {
	return tlsinfo.Of(x.tls, x.server.Host, x.roots, now)
}

// Banner is the first line that the server sent.
func (x *Session) Banner() string { return x.wire.banner() }

// Noop asks whether the server is still there.
func (x *Session) Noop(ctx context.Context) error {
	return x.during(ctx, func() error { return x.reply("noop", x.client.Noop()) })
}

// Close says goodbye, shortly, and closes the connection.
func (x *Session) Close() error {
	if x.client != nil {
		x.client.CommandTimeout = time.Second
		if x.client.Quit() == nil {
			return nil
		}
	}
	return x.wire.Conn.Close()
}

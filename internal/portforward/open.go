package portforward

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gofab/internal/fault"
)

// Client is the SSH connection that a forward goes through.
type Client interface {
	Hold() (release func()) // the connection is needed until then
	DialTCP(ctx context.Context, address string) (net.Conn, error)
	DialUnix(ctx context.Context, path string) (net.Conn, error)
	Listen(ctx context.Context, address string) (net.Listener, error)
	ListenUnix(ctx context.Context, path string) (net.Listener, error)
}

// Spec says what is forwarded where; the tags are its documentation. Exactly
// one of Listen, Remote and Socks is given; Listen is the default.
type Spec struct {
	To     string `lua:"to" default:"" doc:"Target: host:port, or the path of a Unix socket. With listen the host connects to it, with remote this machine does."`
	Listen Place  `lua:"listen" default:"" doc:"Where to listen on this machine: host:port, a port on loopback, or the path of a Unix socket. A free port on loopback when nothing else is said."`
	Remote Place  `lua:"remote" default:"" doc:"Where the host listens instead, in the same forms; connections come to this machine. Port 0 lets it choose."`
	Socks  Place  `lua:"socks" default:"" doc:"Where to listen on this machine as a SOCKS server (4, 4a and 5): each connection says itself where it goes to from the host."`
}

// dialLimit bounds the connection to a target.
const dialLimit = 30 * time.Second

// Open begins a forward.
func Open(ctx context.Context, via Client, s Spec) (*Forward, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	release := via.Hold()
	f, err := begin(ctx, via, s)
	if err != nil {
		release()
		return nil, err
	}
	f.release = release
	return f, nil
}

func begin(ctx context.Context, via Client, s Spec) (*Forward, error) {
	switch {
	case s.Remote != "":
		l, err := remote(ctx, via, string(s.Remote))
		if err != nil {
			return nil, err
		}
		return start(l, fixed(s.To, dialHere)), nil
	case s.Socks != "":
		l, err := listen(ctx, string(s.Socks))
		if err != nil {
			return nil, err
		}
		return start(l, socks(via.DialTCP)), nil
	default:
		l, err := listen(ctx, string(s.Listen))
		if err != nil {
			return nil, err
		}
		return start(l, fixed(s.To, there(via))), nil
	}
}

func (s Spec) check() error {
	given := 0
	for _, place := range []Place{s.Listen, s.Remote, s.Socks} {
		if place != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return fault.New(fault.Usage, "listen, remote and socks do not go together: open a forward for each")
	case s.Socks != "" && s.To != "":
		return fault.New(fault.Usage, "a SOCKS forward has no target of its own")
	case s.Socks == "" && s.To == "":
		return fault.New(fault.Usage, "to: where do connections go?").WithHint(`to = "db.internal:5432"`)
	case s.Socks == "":
		return checkTarget(s.To)
	}
	return nil
}

func checkTarget(to string) error {
	if isPath(to) {
		return nil
	}
	_, port, err := net.SplitHostPort(to)
	if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || n == 0 {
		return fault.New(fault.Usage, "to: want host:port or the path of a socket, got %q", to)
	}
	return nil
}

func isPath(address string) bool { return strings.Contains(address, "/") }

// place puts an address without a name on loopback.
func place(address string) (string, error) {
	if _, err := strconv.ParseUint(address, 10, 16); err == nil || address == "" {
		return net.JoinHostPort("127.0.0.1", "0"+address), nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fault.New(fault.Usage, "want host:port, a port or the path of a socket, got %q", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	network := "unix"
	if !isPath(address) {
		var err error
		network = "tcp"
		if address, err = place(address); err != nil {
			return nil, err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, network, address)
	if err != nil {
		return nil, fault.OS(err, "cannot listen on %s", address)
	}
	if network == "unix" { // nobody else on this machine
		if err := os.Chmod(address, 0o600); err != nil {
			return nil, errors.Join(fault.OS(err, "cannot protect %s", address), l.Close())
		}
	}
	return l, nil
}

func remote(ctx context.Context, via Client, address string) (net.Listener, error) {
	if isPath(address) {
		return via.ListenUnix(ctx, address)
	}
	address, err := place(address)
	if err != nil {
		return nil, err
	}
	return via.Listen(ctx, address)
}

type dial func(ctx context.Context, address string) (net.Conn, error)

// fixed connects everything to one target.
func fixed(to string, d dial) reach {
	return func(ctx context.Context, _ net.Conn) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialLimit)
		defer cancel()
		return d(ctx, to)
	}
}

func there(via Client) dial {
	return func(ctx context.Context, address string) (net.Conn, error) {
		if isPath(address) {
			return via.DialUnix(ctx, address)
		}
		return via.DialTCP(ctx, address)
	}
}

func dialHere(ctx context.Context, address string) (net.Conn, error) {
	network := "tcp"
	if isPath(address) {
		network = "unix"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, fault.Wrap(fault.Unreachable, err, "cannot connect to %s", address)
	}
	return conn, nil
}

func temporary(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED)
}

package sshclient

import (
	"context"
	"net"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// Unix sockets are forwarded as OpenSSH does it (its PROTOCOL file, section
// 2.4).

// socketChannel is how a server hands over a connection to a socket.
const socketChannel = "forwarded-streamlocal@openssh.com"

// DialUnix connects from the host to a Unix socket there.
func (c *Client) DialUnix(ctx context.Context, path string) (net.Conn, error) {
	extra := ssh.Marshal(struct {
		Path, Reserved string
		Port           uint32
	}{Path: path})
	return c.direct(ctx, "direct-streamlocal@openssh.com", extra, path)
}

// ListenUnix has the host listen on a Unix socket. The server removes a file
// that is in the way only with StreamLocalBindUnlink, and OpenSSH leaves its
// own behind.
func (c *Client) ListenUnix(ctx context.Context, path string) (net.Listener, error) {
	l := &listener{client: c, path: path, arrived: make(chan net.Conn, pendingForwards), gone: make(chan struct{})}
	if err := c.requestForward(ctx, l); err != nil {
		return nil, err
	}
	return l, nil
}

func socketKey(path string) string { return "unix:" + path }

// request is the name of the global request that begins the listening.
func (l *listener) request() string {
	if l.path != "" {
		return "streamlocal-forward@openssh.com"
	}
	return "tcpip-forward"
}

// refused is the error of a server that does not listen.
func (l *listener) refused() error {
	if l.path != "" {
		return fault.New(fault.Denied, "the server refused to listen on %s", l.path).
			WithHint("the file may be there already, or AllowStreamLocalForwarding forbids it")
	}
	return fault.New(fault.Denied, "the server refused to listen on %s", hostPort(l.host, int(l.port))).
		WithHint("the port may be taken or below 1024, or AllowTcpForwarding and GatewayPorts forbid it")
}

package sshclient

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

// DialTCP connects from the host to an address it can reach (RFC 4254, section
// 7.2). The connection knows deadlines and CloseWrite, and its Close does not
// wait for the server.
func (c *Client) DialTCP(ctx context.Context, address string) (net.Conn, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, onHost(c.name, err)
	}
	extra := ssh.Marshal(struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}{host, port, "127.0.0.1", 0})
	return c.direct(ctx, "direct-tcpip", extra, address)
}

// direct opens a channel to an address that the host can reach.
func (c *Client) direct(ctx context.Context, kind string, extra []byte, address string) (net.Conn, error) {
	ch, requests, err := c.open(ctx, kind, extra)
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused) && refused.Reason == ssh.Prohibited:
		return nil, onHost(c.name, fault.New(fault.Denied, "the server forbids connections to %s", address).
			WithHint("look for AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen in its sshd_config"))
	case errors.As(err, &refused):
		return nil, onHost(c.name, fault.New(fault.Unreachable, "the server cannot connect to %s: %s", address, termsafe.Line(refused.Message)))
	case err != nil:
		return nil, err
	}
	go ssh.DiscardRequests(requests)
	return newStream(ch, channelAddr(c.name), channelAddr(address)), nil
}

func splitAddress(address string) (host string, port uint32, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fault.Wrap(fault.Usage, err, "an address is host:port")
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fault.New(fault.Usage, "%q is no port", text)
	}
	return host, uint32(n), nil
}

// stream is a channel as a connection. A channel cannot be closed against the
// will of the other side, so each direction goes through a pipe that can.
type stream struct {
	net.Conn               // what is read; its write half is unused
	out           net.Conn // what is written
	ch            ssh.Channel
	local, remote net.Addr
	close         sync.Once
	sent          chan struct{} // closed when all that was written is on its way
}

// linger is how long a channel stays open for what was written before its
// Close.
const linger = 5 * time.Second

func newStream(ch ssh.Channel, local, remote net.Addr) *stream {
	inNear, inFar := net.Pipe()
	outNear, outFar := net.Pipe()
	go io.Copy(io.Discard, ch.Stderr()) //nolint:errcheck // drained so that it cannot fill the window
	go func() {
		_ = carry(inFar, ch)
		inFar.Close()
	}()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if carry(ch, outFar) == nil {
			_ = ch.CloseWrite()
		}
		outFar.Close()
	}()
	return &stream{Conn: inNear, out: outNear, ch: ch, local: local, remote: remote, sent: sent}
}

// carry copies until the end of r, with a buffer that grows with the traffic.
func carry(w io.Writer, r io.Reader) error {
	buf := make([]byte, smallBuffer)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case n == len(buf) && len(buf) < largeBuffer:
			buf = make([]byte, largeBuffer)
		}
	}
}

func (s *stream) Write(p []byte) (int, error) { return s.out.Write(p) }

// CloseWrite tells the other side that nothing more comes.
func (s *stream) CloseWrite() error { return s.out.Close() }

func (s *stream) Close() error {
	s.close.Do(func() {
		s.Conn.Close()
		s.out.Close()
		// What was written goes out first, and a link may stall.
		go func() {
			late := time.NewTimer(linger)
			defer late.Stop()
			select {
			case <-s.sent:
			case <-late.C:
			}
			_ = s.ch.Close()
		}()
	})
	return nil
}

func (s *stream) LocalAddr() net.Addr                { return s.local }
func (s *stream) RemoteAddr() net.Addr               { return s.remote }
func (s *stream) SetWriteDeadline(t time.Time) error { return s.out.SetWriteDeadline(t) }
func (s *stream) SetDeadline(t time.Time) error {
	return errors.Join(s.SetReadDeadline(t), s.out.SetWriteDeadline(t))
}

// channelAddr is the address at one end of a channel.
type channelAddr string

func (a channelAddr) Network() string { return "tcp" }
func (a channelAddr) String() string  { return string(a) }

package dnsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"gofab/internal/fault"
)

// Security says how servers that speak TLS are checked.
type Security struct {
	NoVerify   bool
	CAFile     string // certificates to trust instead of the system's
	ServerName string // the name in the certificate; the server's when empty
}

// tlsConfig makes the configuration for a server.
func (s Security) tlsConfig(host string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, InsecureSkipVerify: s.NoVerify, MinVersion: tls.VersionTLS12}
	if s.ServerName != "" {
		c.ServerName = s.ServerName
	}
	if s.CAFile != "" {
		pem, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fault.OS(err, "cannot read %s", s.CAFile)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Parse, "%s holds no certificate", s.CAFile)
		}
	}
	return c, nil
}

// dial opens a connection of TCP or TLS to a server.
func (o *Options) dial(ctx context.Context, s Server) (net.Conn, error) {
	at, err := s.at(ctx)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{}
	if o.Source != "" {
		if a, err := netip.ParseAddr(o.Source); err == nil {
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0))
		}
	}
	conn, err := d.DialContext(ctx, "tcp", at.String())
	if err != nil || s.Protocol != TLS {
		return conn, err
	}
	config, err := o.Security.tlsConfig(s.Host)
	if err == nil {
		secured := tls.Client(conn, config)
		if err = secured.HandshakeContext(ctx); err == nil {
			return secured, nil
		}
		err = tlsProblem(err)
	}
	conn.Close()
	return nil, err
}

// tlsProblem tells a certificate that was refused from a broken connection.
func tlsProblem(err error) error {
	if text := innermost(err); strings.Contains(text, "x509") || strings.Contains(text, "certificate") {
		return problem{StatusUnreachable, text}
	}
	return err
}

// exchangeStream asks over TCP or TLS. A connection that was kept open may have
// been closed by the server meanwhile: then a fresh one is tried.
func (r *Resolver) exchangeStream(ctx context.Context, s Server, q *request) ([]byte, error) {
	name := r.connectionKey(s)
	if conn := r.pool.idleStream(name); conn != nil {
		if answer, err := r.askStream(ctx, name, conn, q); err == nil || ctx.Err() != nil {
			return answer, err
		}
	}
	conn, err := r.options.dial(ctx, s)
	if err != nil {
		return nil, networkProblem(ctx, err, "")
	}
	return r.askStream(ctx, name, conn, q)
}

func (r *Resolver) askStream(ctx context.Context, name string, conn net.Conn, q *request) ([]byte, error) {
	release := until(ctx, conn)
	answer, err := streamExchange(conn, q)
	if err != nil || !release() {
		release()
		conn.Close()
		if err != nil {
			return nil, networkProblem(ctx, err, "")
		}
		return answer, nil
	}
	r.pool.keepStream(name, conn)
	return answer, nil
}

func streamExchange(conn net.Conn, q *request) ([]byte, error) {
	if err := writeStream(conn, q.wire); err != nil {
		return nil, err
	}
	answer, err := readStream(conn)
	if err != nil {
		return nil, err
	}
	if wrong := q.matches(answer); wrong != "" {
		return nil, problem{StatusMalformed, wrong}
	}
	return answer, nil
}

func writeStream(conn net.Conn, message []byte) error {
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, len(message)+2), uint16(len(message)))
	_, err := conn.Write(append(framed, message...))
	return err
}

func readStream(conn net.Conn) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, closedEarly(err)
	}
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, message); err != nil {
		return nil, closedEarly(err)
	}
	return message, nil
}

func closedEarly(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return problem{StatusMalformed, "the connection was closed before the answer was complete"}
	}
	return err
}

// idleStream takes a connection that is kept open.
func (p *Pool) idleStream(name string) net.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	conns := p.stream[name]
	if len(conns) == 0 {
		return nil
	}
	p.stream[name] = conns[:len(conns)-1]
	return conns[len(conns)-1]
}

func (p *Pool) keepStream(name string, conn net.Conn) {
	_ = conn.SetDeadline(time.Time{})
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.stream[name]) >= idleSockets {
		conn.Close()
		return
	}
	p.stream[name] = append(p.stream[name], conn)
}

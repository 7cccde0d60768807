package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"time"
)

// Knock makes a connection, with TLS or without, and reports on it as on a
// request.
func (c *Client) Knock(ctx context.Context, address string, encrypted bool) (*Response, error) {
	scheme := "tcp://"
	if encrypted {
		scheme = "tls://"
	}
	hop := &Hop{URL: scheme + address, Method: "CONNECT"}
	r := &Response{Started: time.Now(), Length: -1, Hops: []*Hop{hop}}
	err := c.knock(ctx, hop, address, encrypted)
	r.Finished = time.Now()
	hop.Time.End = r.Finished
	return r, err
}

func (c *Client) knock(ctx context.Context, hop *Hop, address string, encrypted bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return badURL(errors.New("it has no port"))
	}
	record := newRecorder(hop)
	hop.Time.Start = time.Now()
	conn, err := c.transport.DialContext(httptrace.WithClientTrace(ctx, record.hooks()), "tcp", address)
	if err != nil {
		return failed(hop, record.reached(), cause(ctx, err))
	}
	defer conn.Close()
	hop.Remote, hop.Local = text(conn.RemoteAddr()), text(conn.LocalAddr())
	if !encrypted {
		hop.Time.Ready = time.Now()
		return nil
	}
	security := c.transport.TLSClientConfig.Clone()
	if security.ServerName == "" {
		security.ServerName = host
	}
	secured := tls.Client(conn, security)
	hooks := record.hooks()
	hooks.TLSHandshakeStart()
	limited := ctx
	if c.config.ConnectTimeout > 0 {
		var end context.CancelFunc
		limited, end = context.WithTimeout(ctx, c.config.ConnectTimeout)
		defer end()
	}
	err = secured.HandshakeContext(limited)
	hooks.TLSHandshakeDone(secured.ConnectionState(), err)
	hop.Time.Ready = time.Now()
	if err != nil {
		return failed(hop, "tls", cause(limited, err))
	}
	return nil
}

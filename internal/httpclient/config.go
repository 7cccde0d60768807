package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"gofab/internal/fault"
)

// Config is how connections are made.
type Config struct {
	ConnectTimeout time.Duration     // for name, connection and TLS of one hop; 0 is none
	Insecure       bool              // accept every certificate
	CAFile         string            // PEM file of authorities instead of the system's
	CertFile       string            // PEM file of the client's certificate
	KeyFile        string            // PEM file of its key; CertFile when empty
	ServerName     string            // name to expect in the certificate, instead of the URL's
	Proxy          string            // URL of a proxy; "" takes the environment's, "none" goes straight
	Resolve        map[string]string // "host:port" or "host" to the address to use instead
	DNSServer      string            // host:port of the name server to ask instead of the system's
	Source         string            // local address to connect from
	Family         string            // "4", "6", or "" for both
	UnixSocket     string            // path of a socket that takes the place of the network
	Version        string            // "1.1", "2", or "" for the best that both sides have
	Getenv         func(string) string
}

// Client asks servers. It keeps connections open between requests.
type Client struct {
	config    Config
	transport *http.Transport
	roots     *x509.CertPool // nil is the system's
	Jar       http.CookieJar // nil keeps no cookies
}

// New makes a client. It fails when a file of the configuration does.
func New(c Config) (*Client, error) {
	security, roots, err := c.tls()
	if err != nil {
		return nil, err
	}
	proxy, err := c.proxy()
	if err != nil {
		return nil, err
	}
	dial, err := c.dial()
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(c.Version != "2")
	protocols.SetHTTP2(c.Version != "1.1")
	return &Client{config: c, roots: roots, transport: &http.Transport{
		Proxy: proxy, DialContext: dial, TLSClientConfig: security, TLSHandshakeTimeout: c.ConnectTimeout,
		DisableCompression: true, Protocols: protocols, MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}}, nil
}

// Close closes connections that are kept open.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

func (c Config) proxy() (func(*http.Request) (*url.URL, error), error) {
	if c.UnixSocket != "" || c.Proxy == "none" {
		return nil, nil
	}
	if c.Proxy != "" {
		u, err := url.Parse(c.Proxy)
		if err != nil || u.Host == "" {
			return nil, fault.New(fault.Usage, "proxy: not the URL of a proxy").WithHint("http://proxy:3128 or socks5://proxy:1080")
		}
		return http.ProxyURL(u), nil
	}
	if c.Getenv == nil {
		return nil, nil
	}
	env := func(name string) string {
		if v := c.Getenv(strings.ToLower(name)); v != "" {
			return v
		}
		return c.Getenv(name)
	}
	choose := (&httpproxy.Config{
		// HTTP_PROXY in capitals can be set by a request header under CGI: as
		// curl does, only the small form counts.
		HTTPProxy: c.Getenv("http_proxy"), HTTPSProxy: env("HTTPS_PROXY"), NoProxy: env("NO_PROXY"),
	}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }, nil
}

// dial connects, with names resolved as the configuration says.
func (c Config) dial() (func(ctx context.Context, network, address string) (net.Conn, error), error) {
	dialer := &net.Dialer{Timeout: c.ConnectTimeout}
	if c.Source != "" {
		local := net.ParseIP(c.Source)
		if local == nil {
			return nil, fault.New(fault.Usage, "source: %q is not an address", c.Source)
		}
		dialer.LocalAddr = &net.TCPAddr{IP: local}
	}
	if c.DNSServer != "" {
		server := withPort(c.DNSServer, "53")
		dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server)
		}}
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if c.UnixSocket != "" {
			return dialer.DialContext(ctx, "unix", c.UnixSocket)
		}
		return dialer.DialContext(ctx, network+c.Family, c.override(address))
	}, nil
}

// override gives the address to use for host:port.
func (c Config) override(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	for _, key := range []string{address, host} {
		if to, ok := c.Resolve[key]; ok {
			return withPort(to, port)
		}
	}
	return address
}

// withPort adds a port to a host that has none.
func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// tls makes the TLS settings.
func (c Config) tls() (*tls.Config, *x509.CertPool, error) {
	out := &tls.Config{ServerName: c.ServerName, InsecureSkipVerify: c.Insecure, MinVersion: tls.VersionTLS12}
	var roots *x509.CertPool
	if c.CAFile != "" {
		data, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, nil, fault.OS(err, "cannot read ca_file %s", c.CAFile)
		}
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(data) {
			return nil, nil, fault.New(fault.Parse, "there is no certificate in ca_file %s", c.CAFile)
		}
	}
	if c.CertFile != "" {
		key := c.KeyFile
		if key == "" {
			key = c.CertFile
		}
		pair, err := tls.LoadX509KeyPair(c.CertFile, key)
		if err != nil {
			return nil, nil, fault.Wrap(fault.Parse, err, "cannot use the client certificate %s", c.CertFile)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	out.RootCAs = roots
	return out, roots, nil
}

package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// tunnel is a proxy that wants a password, for plain requests and for CONNECT.
func tunnel(t *testing.T) (address string, used *int) {
	used = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "Basic YW5uOnNlY3JldA==" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		*used++
		if r.Method != http.MethodConnect {
			fmt.Fprintf(w, "by the proxy: %s", r.URL)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here) }()
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), used
}

func TestProxies(t *testing.T) {
	address, used := tunnel(t)
	ca := testenv.NewAuthority(t)
	certificate := ca.Issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	secured := "https://" + rawServer(t, func(conn net.Conn) {
		answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")(tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	})
	environment := func(name string) string {
		return map[string]string{"http_proxy": "http://ann:secret@" + address, "no_proxy": "127.0.0.1"}[name]
	}
	for name, test := range map[string]struct {
		config Config
		url    string
		body   string
		used   int
	}{
		"plain":           {Config{Proxy: "http://ann:secret@" + address}, "http://name.invalid/x", "by the proxy: http://name.invalid/x", 1},
		"TLS":             {Config{Proxy: "http://ann:secret@" + address, CAFile: ca.File}, secured, "ok", 1},
		"environment":     {Config{Getenv: environment}, "http://name.invalid/y", "by the proxy: http://name.invalid/y", 1},
		"no_proxy":        {Config{Getenv: environment, CAFile: ca.File}, secured, "ok", 0},
		"none":            {Config{Getenv: environment, Proxy: "none", CAFile: ca.File}, secured, "ok", 0},
		"wrong password":  {Config{Proxy: "http://ann:wrong@" + address}, "http://name.invalid/", "", 0},
		"TLS, wrong pass": {Config{Proxy: "http://ann:wrong@" + address}, secured, "", 0},
	} {
		*used = 0
		_, body, err := get(t, test.config, Request{URL: test.url}, 5*time.Second)
		if string(body) != test.body || *used != test.used || err != nil && strings.Contains(err.Error(), "wrong@") {
			t.Errorf("%s: %q, through the proxy %d times, %v", name, body, *used, err)
		}
	}
	if _, err := New(Config{Proxy: "nowhere"}); fault.KindOf(err) != fault.Usage {
		t.Errorf("a proxy that is no URL: %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsocket"))
	if _, body, err := get(t, Config{UnixSocket: path}, Request{URL: "http://docker/v1/info"}, 5*time.Second); string(body) != "socket" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

// A server that wants a certificate gets the client's.
func TestClientCertificate(t *testing.T) {
	ca := testenv.NewAuthority(t)
	mine := ca.Issue(t, "ann", time.Now().Add(time.Hour))
	pool := x509.NewCertPool()
	authority, err := os.ReadFile(ca.File)
	if err != nil || !pool.AppendCertsFromPEM(authority) {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(mine.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ann.pem")
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: mine.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	// ExtKeyUsageServerAuth is all that our authority issues, so the server
	// checks the signature itself.
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{ca.Issue(t, "127.0.0.1", time.Now().Add(time.Hour))}, ClientAuth: tls.RequireAnyClientCert,
		VerifyConnection: func(s tls.ConnectionState) error {
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: pool})
			return err
		},
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	if _, body, err := get(t, Config{CAFile: ca.File, CertFile: file}, Request{URL: server.URL}, 5*time.Second); string(body) != "ann" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	if _, _, err := get(t, Config{CAFile: ca.File}, Request{URL: server.URL}, 5*time.Second); err == nil {
		t.Error("it was let in without a certificate")
	}
}

// A connection alone is measured, with the certificate that was sent.
func TestKnock(t *testing.T) {
	ca := testenv.NewAuthority(t)
	certificate := ca.Issue(t, "127.0.0.1", time.Now().Add(50*time.Hour))
	address := rawServer(t, func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake()
	})
	client, err := New(Config{CAFile: ca.File})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, encrypted := range []bool{false, true} {
		r, err := client.Knock(context.Background(), address, encrypted)
		report := client.ReportOf(r, err, time.Now())
		if err != nil || !report.OK || report.Time.Connect <= 0 || (report.TLS != nil) != encrypted {
			t.Errorf("encrypted %v: %+v, %v", encrypted, report, err)
		}
		if encrypted && (!report.TLS.Verified || report.TLS.DaysLeft < 2 || report.Time.TLS <= 0) {
			t.Errorf("%+v", report.TLS)
		}
	}
	if _, err := client.Knock(context.Background(), "127.0.0.1", true); fault.KindOf(err) != fault.Usage {
		t.Errorf("without a port: %v", err)
	}
}

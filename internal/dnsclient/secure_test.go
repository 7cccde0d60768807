package dnsclient_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/testenv"
)

// certificate makes a certificate for dns.test and 127.0.0.1, in files.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "dns.test"}, DNSNames: []string{"dns.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile
}

// TestTLSAndHTTPS asks BIND over TLS and HTTPS, with certificates checked.
func TestTLSAndHTTPS(t *testing.T) {
	cert, key := certificate(t)
	tlsPort, httpsPort := freePort(t), freePort(t)
	testenv.StartNamed(t, testenv.NameServer{
		Lines: "tls local { cert-file \"" + cert + "\"; key-file \"" + key + "\"; };\n" +
			"http local { endpoints { \"/dns-query\"; }; };",
		Options: "listen-on port " + tlsPort + " tls local { 127.0.0.1; };\n" +
			"listen-on port " + httpsPort + " tls local http local { 127.0.0.1; };",
		Zones: []testenv.Zone{{Name: "dyn.test", Text: dynamic}},
	})
	for _, server := range []string{"tls://127.0.0.1:" + tlsPort, "https://127.0.0.1:" + httpsPort + "/dns-query"} {
		trusting := func(o *dnsclient.Options) { o.Security.CAFile, o.Retries = cert, 0 }
		r := resolver(t, server, trusting)
		for range 3 { // on one connection
			a := query(t, r, "www.dyn.test", "A")
			if a.Status != "ok" || a.Server != server || a.Protocol != strings.Split(server, ":")[0] {
				t.Errorf("%s: %+v", server, a)
			}
		}
		for name, change := range map[string]func(*dnsclient.Options){
			"unknown authority": func(o *dnsclient.Options) { o.Retries = 0 },
			"another name":      func(o *dnsclient.Options) { trusting(o); o.Security.ServerName = "other.test" },
		} {
			a := query(t, resolver(t, server, change), "www.dyn.test", "A")
			if a.Status != "unreachable" || !strings.Contains(a.Err().Error(), "certificate") {
				t.Errorf("%s, %s: %s, %v", server, name, a.Status, a.Err())
			}
		}
		off := func(o *dnsclient.Options) { o.Security.NoVerify = true }
		if a := query(t, resolver(t, server, off), "www.dyn.test", "A"); a.Status != "ok" {
			t.Errorf("%s without a check: %v", server, a.Err())
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

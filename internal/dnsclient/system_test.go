package dnsclient_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/dnsclient"
)

func TestReadSystem(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	for name, c := range map[string]struct {
		text string
		env  map[string]string
		want dnsclient.System
	}{
		"empty": {"", nil, dnsclient.System{Servers: []string{"127.0.0.1"}, Search: []string{"corp.test"}, Ndots: 1, Timeout: 5 * time.Second, Attempts: 2}},
		"everything": {"# comment\n; another\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n" +
			"domain a.test\nsearch b.test c.test\noptions ndots:3 timeout:2 attempts:4 rotate use-vc trust-ad edns0 unknown:1\n", nil,
			dnsclient.System{Servers: []string{"192.0.2.1", "2001:db8::1", "192.0.2.3"}, Search: []string{"b.test", "c.test"}, Ndots: 3,
				Timeout: 2 * time.Second, Attempts: 4, Rotate: true, TCP: true, TrustAD: true}},
		"limits": {"nameserver 192.0.2.1\nsearch a.test\ndomain b.test\noptions ndots:99 timeout:99 attempts:99\noptions ndots:x timeout:-1\n", nil,
			dnsclient.System{Servers: []string{"192.0.2.1"}, Search: []string{"b.test"}, Ndots: 15, Timeout: 30 * time.Second, Attempts: 5}},
		"environment": {"nameserver 192.0.2.1\nsearch a.test\noptions ndots:2\n", map[string]string{"LOCALDOMAIN": "x.test y.test", "RES_OPTIONS": "ndots:4 rotate"},
			dnsclient.System{Servers: []string{"192.0.2.1"}, Search: []string{"x.test", "y.test"}, Ndots: 4, Timeout: 5 * time.Second, Attempts: 2, Rotate: true}},
	} {
		path := filepath.Join(t.TempDir(), "resolv.conf")
		write(t, path, c.text)
		getenv := func(name string) (string, bool) { v, ok := c.env[name]; return v, ok }
		if diff := cmp.Diff(c.want, dnsclient.ReadSystem(path, getenv, "host.corp.test")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if s := dnsclient.ReadSystem("/nowhere", none, "host"); len(s.Servers) != 1 || s.Search != nil {
		t.Errorf("without a file: %+v", s)
	}
}

func TestCandidates(t *testing.T) {
	search := []string{"a.test", "b.test"}
	for name, want := range map[string][]string{
		"www":    {"www.a.test", "www.b.test", "www"},
		"www.x":  {"www.x", "www.x.a.test", "www.x.b.test"},
		"www.x.": {"www.x."},
	} {
		if diff := cmp.Diff(want, dnsclient.Candidates(name, search, 1)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.1:5353": "192.0.2.1:5353", "2001:db8::1": "2001:db8::1", "[2001:db8::1]:5353": "[2001:db8::1]:5353",
		"[2001:db8::1]": "2001:db8::1", "fe80::1%eth0": "fe80::1%eth0", "ns.example.com": "ns.example.com", "udp://192.0.2.1": "192.0.2.1",
		"tcp://192.0.2.1:53": "tcp://192.0.2.1", "tls://dns.example": "tls://dns.example", "tls://192.0.2.1:8853": "tls://192.0.2.1:8853",
		"https://dns.example/dns-query": "https://dns.example/dns-query",
	} {
		s, err := dnsclient.ParseServer(text, 0)
		if err != nil || s.String() != want {
			t.Errorf("%s: %s, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "a b", "192.0.2.1:0", "192.0.2.1:99999", "ftp://x", "https://", "http://x/", "[::1", "x:y:z:1"} {
		if s, err := dnsclient.ParseServer(text, 0); err == nil {
			t.Errorf("%q was taken as %s", text, s)
		}
	}
	if s, _ := dnsclient.ParseServer("192.0.2.1", 5353); s.Port != 5353 {
		t.Error(s)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"example.com": "example.com.", "Example.COM.": "Example.COM.", ".": ".", "bücher.example": "xn--bcher-kva.example.", "straße.de": "xn--strae-oqa.de.",
		"例え。テスト": "xn--r8jz45g.xn--zckzah.", `a\.b.c`: `a\.b.c.`, `a\032b`: `a\032b.`, "_sip._tcp.x": "_sip._tcp.x.", "*.x": "*.x.", "BÜCHER.de": "xn--bcher-kva.de.",
	} {
		if got, err := dnsclient.Absolute(name); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"", "a..b", ".a", "a.b..", string(make([]byte, 64)) + ".x"} {
		if got, err := dnsclient.Absolute(name); err == nil {
			t.Errorf("%q was taken as %s", name, got)
		}
	}
	for address, want := range map[string]string{
		"192.0.2.10":       "10.2.0.192.in-addr.arpa.",
		"2001:db8::1":      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
		"::ffff:192.0.2.1": "1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",
	} {
		got, err := dnsclient.ReverseName(address)
		back, _ := dnsclient.ReverseAddress(got)
		if err != nil || got != want || back != address {
			t.Errorf("%s: %s, back %s, %v", address, got, back, err)
		}
	}
}

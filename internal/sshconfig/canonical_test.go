package sshconfig

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"gofab/internal/fault"
)

// names of a small world, with what they are aliases of.
var world = map[string]string{
	"web1.example.com.": "web1.example.com.",
	"www.example.com.":  "CDN.example.net.",
	"db.internal.":      "db.internal.",
	"anchored.":         "anchored.",
}

func TestCanonicalNames(t *testing.T) {
	const domains = "CanonicalDomains internal example.com\n"
	for _, c := range []struct {
		name, config, host string
		asked              []string
	}{
		{"web1", "CanonicalizeHostname no\n" + domains, "web1", nil},
		{"Web1", "CanonicalizeHostname yes\n" + domains, "web1.example.com", []string{"web1.internal.", "web1.example.com."}},
		{"db", "CanonicalizeHostname yes\n" + domains, "db.internal", []string{"db.internal."}},
		{"db", "HostName web1\nCanonicalizeHostname yes\n" + domains, "web1.example.com", []string{"web1.internal.", "web1.example.com."}},
		{"nobody", "CanonicalizeHostname yes\n" + domains, "nobody", []string{"nobody.internal.", "nobody.example.com."}},
		{"a.b", "CanonicalizeHostname yes\nCanonicalizeMaxDots 0\n" + domains, "a.b", nil},
		{"anchored.", "CanonicalizeHostname yes\n" + domains, "anchored", []string{"anchored."}},
		{"192.0.2.1", "CanonicalizeHostname yes\n" + domains, "192.0.2.1", nil},
		{"web1", "ProxyJump gw\nCanonicalizeHostname yes\n" + domains, "web1", nil},
		{"web1", "ProxyJump gw\nCanonicalizeHostname always\n" + domains, "web1.example.com", []string{"web1.internal.", "web1.example.com."}},
		{"web1", "ProxyCommand none\nCanonicalizeHostname yes\nCanonicalDomains example.com\n", "web1.example.com", []string{"web1.example.com."}},
		{"www", "CanonicalizeHostname yes\nCanonicalDomains example.com\n", "www.example.com", []string{"www.example.com."}},
		{"www", "CanonicalizeHostname yes\nCanonicalDomains example.com\nCanonicalizePermittedCNAMEs *.example.com:*.example.net\n",
			"cdn.example.net", []string{"www.example.com."}},
		{"www", "CanonicalizeHostname yes\nCanonicalDomains example.com\nCanonicalizePermittedCNAMEs *.example.com:*.example.org\n",
			"www.example.com", []string{"www.example.com."}},
	} {
		var asked []string
		s := mustResolve(t, c.name, c.config, func(o *Options) {
			o.Lookup = func(_ context.Context, host string) (string, error) {
				asked = append(asked, host)
				if cname := world[host]; cname != "" {
					return cname, nil
				}
				return "", errors.New("no such host")
			}
		})
		if s.Hostname() != c.host || !slices.Equal(asked, c.asked) {
			t.Errorf("%s with %q: %s after asking for %q, want %s after %q", c.name, c.config, s.Hostname(), asked, c.host, c.asked)
		}
	}
}

// TestSecondPass sees blocks for the canonical name.
func TestSecondPass(t *testing.T) {
	config := "CanonicalizeHostname yes\nCanonicalDomains example.com\nHost web1\n Port 1\nHost web1.example.com\n User canon\n Port 2\nMatch canonical\n Compression yes\n"
	s := mustResolve(t, "web1", config, func(o *Options) {
		o.Lookup = func(_ context.Context, host string) (string, error) { return host, nil }
	})
	if got := strings.Join([]string{s.Hostname(), s.Get("port"), s.User(), s.Get("compression")}, " "); got != "web1.example.com 1 canon yes" {
		t.Errorf("got %q", got)
	}
}

func TestCanonicalFailures(t *testing.T) {
	const config = "CanonicalizeHostname yes\nCanonicalizeFallbackLocal no\nCanonicalDomains example.com\n"
	_, err := resolve(t, "nobody", config, func(o *Options) {
		o.Lookup = func(context.Context, string) (string, error) { return "", errors.New("no such host") }
	})
	if fault.KindOf(err) != fault.Unreachable {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Files: []string{}, Overrides: [][2]string{{"CanonicalizeHostname", "yes"}, {"CanonicalDomains", "example.com"}}}
	o.Lookup = func(ctx context.Context, _ string) (string, error) { cancel(); return "", ctx.Err() }
	if _, err := Resolve(ctx, "x", o); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}

package sshconfig

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	var told []string
	mustResolve(t, "web1", "Compression yes\nForwardX11 no\nLocalForward 1 a:1\nRSAAuthentication yes\nMatch final\nHost other\nTunnel yes\n",
		func(o *Options) { o.Warn = func(text string) { told = append(told, text) } })
	slices.Sort(told)
	all := strings.Join(told, "\n")
	if len(told) != 3 || !strings.Contains(all, "config:1: compression") || !strings.Contains(all, "config:3: localforward") ||
		!strings.Contains(all, "config:4: rsaauthentication") {
		t.Errorf("told %q", told)
	}
}

// A run has one cache and a thousand names: each warning comes once.
func TestWarningsOncePerCache(t *testing.T) {
	var told []string
	path := filepath.Join(t.TempDir(), "config")
	text := "GSSAPIAuthentication yes\nControlMaster auto\nRequestTTY force\nRekeyLimit 1G 1h\nRevokedHostKeys /krl\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Cache: &Cache{}, Files: []string{path}, Warn: func(text string) { told = append(told, strings.TrimPrefix(text, path)) }}
	for _, name := range []string{"web1", "web2", "web1"} {
		if _, err := Resolve(t.Context(), name, o); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(told)
	want := []string{":1: gssapiauthentication has no effect in gofab", ":2: controlmaster has no effect in gofab",
		":3: requesttty has no effect in gofab", ":4: the time of rekeylimit has no effect in gofab"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

// The first value counts, whatever a later line adds about the socket.
func TestForwardAgentFirstValue(t *testing.T) {
	for text, want := range map[string]bool{
		"ForwardAgent no\nForwardAgent /sock\n": false, "ForwardAgent yes\nForwardAgent /sock\n": true,
		"ForwardAgent /sock\nForwardAgent no\n": true, "ForwardAgent no\n": false, "ForwardAgent yes\n": true,
	} {
		if got := mustResolve(t, "web1", text, nil).ForwardAgent(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

package sshconfig

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// FuzzResolve reads any file for any name: it must come to an end without a
// panic, run nothing and look nothing up that it was not asked to.
func FuzzResolve(f *testing.F) {
	f.Add("web1", "Host web*\n User \"a b\"\nMatch final exec \"x %h\"\n Port 22\n")
	f.Add("x", "Ciphers +a,\nProxyJump a@[::1]:2,ssh://b\nLocalForward [::1]:1 [a]:2\n")
	f.Add("1.2", "=Host\\\nInclude /dev/null\nSendEnv -* \x00\nRekeyLimit 1.5Z none")
	path := filepath.Join(f.TempDir(), "config")
	f.Fuzz(func(t *testing.T, name, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Resolve(context.Background(), name, Options{
			Files: []string{path}, Home: "/home/me", LocalUser: "me",
			Getenv: func(name string) string { return name },
			Exec:   func(context.Context, string) (bool, error) { return true, nil },
			Lookup: func(_ context.Context, host string) (string, error) { return host, nil },
		})
		if err != nil {
			return
		}
		if checkHost("host", s.Hostname()) != nil || checkUser("user", s.User()) != nil || s.Port() < 1 || s.Port() > 65535 {
			t.Errorf("host %q user %q port %d", s.Hostname(), s.User(), s.Port())
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	path := filepath.Join(b.TempDir(), "config")
	text := ""
	for range 100 {
		text += "Host web* !web9\n  User bob\n  IdentityFile ~/.ssh/id\nMatch host db*,!db9 user bob\n  Port 23\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	o := Options{Files: []string{path}, Home: "/home/me", LocalUser: "me"}
	for b.Loop() {
		if _, err := Resolve(b.Context(), "web1", o); err != nil {
			b.Fatal(err)
		}
	}
}

package sshclient

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

func TestRevokedHostKeys(t *testing.T) {
	s := startScripted(t, nil)
	_, other := newKey(t)
	line := func(key ssh.PublicKey) string { return string(ssh.MarshalAuthorizedKey(key)) }
	for name, c := range map[string]struct{ list, want string }{
		"another key":    {"# old\n" + line(other.PublicKey()), ""},
		"this key":       {"# old\n" + line(s.hostKey.PublicKey()), "is revoked ("},
		"a damaged list": {"SSHKRL\n\x00\x00", "ends too early"},
		"no such file":   {"", "cannot read the revoked host keys"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "revoked")
			if c.list != "" {
				check(t, os.WriteFile(path, []byte(c.list), 0o600))
			}
			o := s.options(t)
			o.revokedKeys = []string{path}
			client, err := newDialer(Deps{}).dial(testContext(t), o)
			if client != nil {
				client.Close()
			}
			if c.want == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if c.want != "" && (fault.KindOf(err) != fault.HostKey || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

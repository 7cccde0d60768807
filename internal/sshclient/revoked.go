package sshclient

import (
	"bytes"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// revoked refuses a key that a file of RevokedHostKeys names (ssh_config(5)):
// one public key per line. As with OpenSSH, a list that cannot be read refuses
// every key; so does a binary revocation list, which gofab does not read.
func (l *login) revoked(key ssh.PublicKey) error {
	for _, path := range l.o.revokedKeys {
		data, err := os.ReadFile(path)
		if err != nil {
			return fault.New(fault.HostKey, "cannot read the revoked host keys: %v", err).
				WithHint("mend RevokedHostKeys in the ssh configuration")
		}
		if bytes.HasPrefix(data, []byte("SSHKRL\n")) {
			return fault.New(fault.HostKey, "%s is a binary revocation list, which gofab cannot read", path).
				WithHint("RevokedHostKeys with one public key per line works")
		}
		if line := revokedLine(data, key); line > 0 {
			return fault.New(fault.HostKey, "the host key %s is revoked (%s:%d)", fingerprint(key), path, line)
		}
	}
	return nil
}

// revokedLine finds a key, or the authority or key inside a certificate; 0
// means that it is not there.
func revokedLine(data []byte, key ssh.PublicKey) int {
	keys := [][]byte{key.Marshal()}
	if cert, ok := key.(*ssh.Certificate); ok {
		keys = append(keys, cert.Key.Marshal(), cert.SignatureKey.Marshal())
	}
	for i, line := range strings.Split(string(data), "\n") {
		listed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			continue
		}
		for _, k := range keys {
			if bytes.Equal(listed.Marshal(), k) {
				return i + 1
			}
		}
	}
	return 0
}

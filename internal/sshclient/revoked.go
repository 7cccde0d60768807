package sshclient

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/krl"
)

// revocations are a file of RevokedHostKeys (ssh_config(5)): a list that
// ssh-keygen -k made, or one public key per line.
type revocations struct {
	list  *krl.List      // nil for lines
	lines map[string]int // by blob: where it stands
	err   error
}

// revoked refuses a key that a file of RevokedHostKeys names. As with OpenSSH,
// a file that cannot be read refuses every key.
func (l *login) revoked(key ssh.PublicKey) error {
	for _, path := range l.o.revokedKeys {
		r := l.dialer.hostKeys.revocations(path)
		if r.err != nil {
			return fault.New(fault.HostKey, "cannot read the revoked host keys in %s: %s", path, fault.From(r.err).Text()).
				WithHint("mend RevokedHostKeys in the ssh configuration")
		}
		if line, revoked := r.find(key); revoked {
			place := path
			if line > 0 {
				place += ":" + strconv.Itoa(line)
			}
			return fault.New(fault.HostKey, "the host key %s is revoked (%s)", fingerprint(key), place).
				WithHint("do not trust this host before it has a new key")
		}
	}
	return nil
}

// revocations reads each file once in a run.
func (h *hostKeys) revocations(path string) *revocations {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.revoked[path]
	if r == nil {
		r = readRevocations(path)
		if h.revoked == nil {
			h.revoked = map[string]*revocations{}
		}
		h.revoked[path] = r
	}
	return r
}

func readRevocations(path string) *revocations {
	data, err := os.ReadFile(path)
	if err != nil {
		return &revocations{err: fault.OS(err, "cannot open it")}
	}
	if krl.Is(data) {
		list, err := krl.Parse(data)
		return &revocations{list: list, err: err}
	}
	r := &revocations{lines: map[string]int{}}
	for i, line := range strings.Split(string(data), "\n") {
		listed, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			continue
		}
		if blob := string(listed.Marshal()); r.lines[blob] == 0 {
			r.lines[blob] = i + 1
		}
	}
	return r
}

// find looks for a key, and for the authority of a certificate and the key
// inside it; line is 0 where there are no lines.
func (r *revocations) find(key ssh.PublicKey) (line int, revoked bool) {
	if r.list != nil {
		return 0, r.list.Revoked(key)
	}
	keys := []ssh.PublicKey{key}
	if cert, ok := key.(*ssh.Certificate); ok {
		keys = append(keys, cert.Key, cert.SignatureKey)
	}
	for _, k := range keys {
		if line := r.lines[string(k.Marshal())]; line > 0 {
			return line, true
		}
	}
	return 0, false
}

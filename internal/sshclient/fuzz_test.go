package sshclient

import (
	"crypto/rand"
	"testing"

	"golang.org/x/crypto/ssh"
)

// FuzzAnnouncement reads what a server says of its host keys. Whatever it is,
// nothing breaks, and no proof is found in it.
func FuzzAnnouncement(f *testing.F) {
	_, signer := newKey(f)
	key := signer.PublicKey()
	blob := ssh.Marshal(struct{ B []byte }{key.Marshal()})
	signature, err := signer.Sign(rand.Reader, []byte("something else"))
	check(f, err)
	f.Add(blob)
	f.Add(append(blob, blob...))
	f.Add(ssh.Marshal(struct{ B []byte }{ssh.Marshal(signature)}))
	f.Add([]byte("\x00\x00\x00\x05junk!\xff\xff\xff\xff"))
	l := &login{dialer: newDialer(Deps{}), o: &options{minRSA: 1024}}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := l.newKeys("web1", 22, data)
		if err == nil && len(keys) > announcedLimit {
			t.Errorf("%d keys", len(keys))
		}
		if _, err := verifyProof([]byte("session"), key, data); err == nil {
			t.Errorf("%q proves something", data)
		}
	})
}

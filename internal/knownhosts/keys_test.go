package knownhosts

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// kinds are the types of key of the tests: the five that hosts have, and one
// that lives in a hardware token.
var kinds = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA,
	ssh.KeyAlgoSKED25519,
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rsaKeys are made once: they cost time.
var rsaKeys = sync.OnceValue(func() []ssh.PublicKey {
	var keys []ssh.PublicKey
	for range 3 {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		key, err := ssh.NewPublicKey(private.Public())
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	return keys
})

// newKeys gives three different keys of a kind.
func newKeys(t testing.TB, kind string) []ssh.PublicKey {
	t.Helper()
	if kind == ssh.KeyAlgoRSA {
		return rsaKeys()
	}
	keys := make([]ssh.PublicKey, 3)
	for i := range keys {
		keys[i] = newKey(t, kind)
	}
	return keys
}

func newKey(t testing.TB, kind string) ssh.PublicKey {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	switch kind {
	case ssh.KeyAlgoED25519:
		key, err := ssh.NewPublicKey(public)
		check(t, err)
		return key
	case ssh.KeyAlgoSKED25519:
		key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
			Kind        string
			Key         []byte
			Application string
		}{kind, public, "ssh:"}))
		check(t, err)
		return key
	}
	curve := map[string]elliptic.Curve{
		ssh.KeyAlgoECDSA256: elliptic.P256(), ssh.KeyAlgoECDSA384: elliptic.P384(), ssh.KeyAlgoECDSA521: elliptic.P521(),
	}[kind]
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	check(t, err)
	key, err := ssh.NewPublicKey(private.Public())
	check(t, err)
	return key
}

func newSigner(t testing.TB) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	check(t, err)
	return signer
}

// certify makes a host certificate that holds for an hour, changed by adjust.
func certify(t testing.TB, ca ssh.Signer, key ssh.PublicKey, adjust func(*ssh.Certificate), principals ...string) *ssh.Certificate {
	t.Helper()
	cert := &ssh.Certificate{
		Key: key, CertType: ssh.HostCert, KeyId: "test", ValidPrincipals: principals,
		ValidAfter:  uint64(time.Now().Add(-time.Hour).Unix()),
		ValidBefore: uint64(time.Now().Add(time.Hour).Unix()),
	}
	if adjust != nil {
		adjust(cert)
	}
	check(t, cert.SignCert(rand.Reader, ca))
	return cert
}

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "known_hosts")
	check(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func load(t testing.TB, text string) *DB {
	t.Helper()
	db, err := Load(write(t, text))
	check(t, err)
	return db
}

package testenv

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"testing"

	"golang.org/x/crypto/ssh"
)

// KeyPair is a private key in the file format of ssh-keygen(1) and as signer.
type KeyPair struct {
	Signer ssh.Signer
	PEM    string
}

// Public is the key as one line of authorized_keys, without a line end.
func (k KeyPair) Public() string {
	line := ssh.MarshalAuthorizedKey(k.Signer.PublicKey())
	return string(line[:len(line)-1])
}

// NewKey makes a key: "ed25519", "rsa" (2048 bit), "ecdsa" (P-256), "ecdsa384" or
// "ecdsa521".
func NewKey(t testing.TB, kind string) KeyPair {
	t.Helper()
	private, err := generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return KeyPair{Signer: signer, PEM: string(pem.EncodeToMemory(block))}
}

func generate(kind string) (any, error) {
	switch kind {
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "rsa":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "ecdsa":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ecdsa384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ecdsa521":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	default:
		return nil, fmt.Errorf("unknown kind of key %q", kind)
	}
}

package sshkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// Public is a public key with its comment.
type Public struct {
	Key     ssh.PublicKey
	Comment string
}

// Parse reads a public key in the form of authorized_keys, options included.
func Parse(text string) (*Public, error) {
	key, comment, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return nil, fault.New(fault.Parse, "not a public key: want a line such as \"ssh-ed25519 AAAA... comment\"")
	}
	return &Public{key, comment}, nil
}

// LoadPublic reads the public half of a key file: of a public key, of a private
// one with path.pub beside it, or of a private key that tells it.
func LoadPublic(path string) (*Public, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(content, []byte("PRIVATE KEY")) {
		public, err := Parse(string(content))
		if err != nil {
			return nil, fault.New(fault.Parse, "%s holds no key", path)
		}
		return public, nil
	}
	if beside, err := readFile(path + ".pub"); err == nil {
		if public, err := Parse(string(beside)); err == nil {
			return public, nil
		}
	}
	raw, err := ssh.ParseRawPrivateKey(content)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked) && locked.PublicKey != nil:
		return &Public{Key: locked.PublicKey}, nil
	case err != nil:
		return nil, fault.New(fault.Parse, "cannot read the key %s: %s", path, strings.TrimPrefix(err.Error(), "ssh: "))
	}
	signer, err := ssh.NewSignerFromKey(raw)
	if err != nil {
		return nil, fault.Wrap(fault.Unsupported, err, "%s", path)
	}
	return &Public{Key: signer.PublicKey()}, nil
}

// IsFile tells whether a text is the path of something.
func IsFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// MD5 is the old form of a fingerprint: MD5:aa:bb:...
func MD5(key ssh.PublicKey) string {
	sum := md5.Sum(key.Marshal())
	text := "MD5"
	for _, b := range sum {
		text += ":" + hex.EncodeToString([]byte{b})
	}
	return text
}

// Bits is the size of a key, as ssh-keygen -l prints it.
func Bits(key ssh.PublicKey) int {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	if held, ok := key.(ssh.CryptoPublicKey); ok {
		switch k := held.CryptoPublicKey().(type) {
		case *rsa.PublicKey:
			return k.N.BitLen()
		case *ecdsa.PublicKey:
			return k.Params().BitSize
		}
	}
	return 256
}

// Kind is the word for a type of key that ssh-keygen uses: ED25519, RSA, ...
func Kind(key ssh.PublicKey) string {
	name := key.Type()
	for _, k := range []struct{ in, word string }{
		{"sk-ssh-ed25519", "ED25519-SK"}, {"sk-ecdsa", "ECDSA-SK"}, {"ed25519", "ED25519"},
		{"ecdsa", "ECDSA"}, {"rsa", "RSA"}, {"dss", "DSA"},
	} {
		if strings.Contains(name, k.in) {
			if strings.Contains(name, "-cert-") {
				return k.word + "-CERT"
			}
			return k.word
		}
	}
	return name
}

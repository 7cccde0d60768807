package sshserver

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

var errRefused = errors.New("not authorized")

// NewKey makes an ed25519 key for a host or a client.
func NewKey() (ssh.Signer, error) {
	signer, _, err := newKey()
	return signer, err
}

// newKey makes an ed25519 key, as signer and in the file format of ssh-keygen(1).
func newKey() (ssh.Signer, []byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Failed, err, "cannot make an ed25519 key")
	}
	block, err := ssh.MarshalPrivateKey(private, "gofab sandbox")
	if err != nil {
		return nil, nil, fault.Wrap(fault.Failed, err, "cannot write an ed25519 key")
	}
	signer, err := ssh.NewSignerFromKey(private)
	return signer, pem.EncodeToMemory(block), err
}

// loginRules says who may log in. The decision depends on the key alone and
// never on state kept between two offers of keys: a client may offer a key it
// does not hold.
func loginRules(cfg Config) *ssh.ServerConfig {
	known := make(map[string]bool, len(cfg.Authorized))
	for _, key := range cfg.Authorized {
		known[string(key.Marshal())] = true
	}
	rules := &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-gofab",
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !known[string(key.Marshal())] {
				return nil, errRefused
			}
			return &ssh.Permissions{}, nil
		},
	}
	if cfg.Password != nil {
		rules.PasswordCallback = func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if !cfg.Password(c.User(), string(password)) {
				return nil, errRefused
			}
			return &ssh.Permissions{}, nil
		}
	}
	rules.AddHostKey(cfg.HostKey)
	return rules
}

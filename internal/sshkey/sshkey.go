// Package sshkey makes SSH keys, reads them and names them by fingerprint.
//
// Rules: private keys are written in OpenSSH's own format with mode 0600, beside
// their place and never over something that is there; what ssh-keygen writes is
// read and what is written ssh-keygen reads.
package sshkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// Spec says what key to make; the tags are its documentation.
type Spec struct {
	Type    string `lua:"type" default:"ed25519" enum:"ed25519|rsa|ecdsa" doc:"Kind of key."`
	Bits    int    `lua:"bits" default:"0" doc:"Size: 2048 to 16384 for rsa, 3072 when 0; 256, 384 or 521 for ecdsa, 256 when 0."`
	Comment string `lua:"comment" default:"" doc:"Text behind the public key."`
}

// Key is a key pair.
type Key struct {
	Private crypto.Signer
	Public  ssh.PublicKey
	Comment string
}

// Generate makes a key.
func Generate(s Spec) (*Key, error) {
	if strings.ContainsAny(s.Comment, "\r\n\x00") {
		return nil, fault.New(fault.Usage, "comment: one line of text")
	}
	private, err := generate(s.Type, s.Bits)
	if err != nil {
		return nil, err
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot make a key")
	}
	return &Key{Private: private, Public: public, Comment: s.Comment}, nil
}

func generate(kind string, bits int) (crypto.Signer, error) {
	switch kind {
	case "rsa":
		if bits == 0 {
			bits = 3072
		}
		if bits < 2048 || bits > 16384 {
			return nil, fault.New(fault.Usage, "bits: an RSA key has 2048 to 16384, not %d", bits)
		}
		return rsa.GenerateKey(rand.Reader, bits)
	case "ecdsa":
		curves := map[int]elliptic.Curve{0: elliptic.P256(), 256: elliptic.P256(), 384: elliptic.P384(), 521: elliptic.P521()}
		if curves[bits] == nil {
			return nil, fault.New(fault.Usage, "bits: an ECDSA key has 256, 384 or 521, not %d", bits)
		}
		return ecdsa.GenerateKey(curves[bits], rand.Reader)
	default:
		if bits != 0 && bits != 256 {
			return nil, fault.New(fault.Usage, "bits: an Ed25519 key has 256")
		}
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
}

// PEM is the private key as a file has it; a passphrase locks it.
func (k *Key) PEM(passphrase []byte) ([]byte, error) {
	var block *pem.Block
	var err error
	if len(passphrase) > 0 {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(k.Private, k.Comment, passphrase)
	} else {
		block, err = ssh.MarshalPrivateKey(k.Private, k.Comment)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot write the key")
	}
	return pem.EncodeToMemory(block), nil
}

// AuthorizedLine is the public key as authorized_keys has it, without a line end.
func AuthorizedLine(key ssh.PublicKey, comment string) string {
	line := strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(key)), "\n")
	if comment != "" {
		line += " " + comment
	}
	return line
}

// Write makes the files path and path.pub. Neither may be there.
func (k *Key) Write(path string, passphrase []byte) error {
	private, err := k.PEM(passphrase)
	if err != nil {
		return err
	}
	if err := create(path, private, 0o600); err != nil {
		return err
	}
	err = create(path+".pub", []byte(AuthorizedLine(k.Public, k.Comment)+"\n"), 0o644)
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func create(path string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fault.OS(err, "cannot make the key file %s", path)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fault.OS(err, "cannot write the key file %s", path), os.Remove(path))
	}
	return nil
}

// limit bounds what is read of a key file.
const limit = 1 << 20

// Load reads a private key.
func Load(path string, passphrase []byte) (*Key, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	raw, err := ssh.ParseRawPrivateKey(content)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) || IsLockedPKCS8(content) {
		if len(passphrase) == 0 {
			return nil, fault.New(fault.Auth, "%s is locked by a passphrase", path).WithHint("passphrase = secret.new(...)")
		}
		raw, err = ParseLocked(content, passphrase)
	}
	if err != nil {
		return nil, fault.New(fault.Parse, "cannot read the private key %s: %s", path, strings.TrimPrefix(err.Error(), "ssh: "))
	}
	if p, ok := raw.(*ed25519.PrivateKey); ok {
		raw = *p
	}
	private, ok := raw.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Unsupported, "%s: a private key of an unknown kind", path)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		return nil, fault.Wrap(fault.Unsupported, err, "%s", path)
	}
	return &Key{Private: private, Public: public, Comment: commentOf(path, public)}, nil
}

// commentOf reads the comment of the public key beside a private one: that of
// the private one is not at hand.
func commentOf(path string, key ssh.PublicKey) string {
	content, err := readFile(path + ".pub")
	if err != nil {
		return ""
	}
	public, comment, _, _, err := ssh.ParseAuthorizedKey(content)
	if err != nil || !bytes.Equal(public.Marshal(), key.Marshal()) {
		return ""
	}
	return comment
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > limit {
		return nil, fault.New(fault.Parse, "%s is too large for a key", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.OS(err, "cannot read the key %s", path)
	}
	return content, nil
}

package sshclient

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/sshkey"
	"gofab/internal/termsafe"
)

// offer is the file as something to log in with. A locked key whose public half
// is known is unlocked only when the server wants it.
func (f *keyFile) offer(a *authenticator) offer {
	label := a.short(f.path)
	return offer{label: label, signer: func(a *authenticator) (ssh.Signer, error) {
		switch {
		case f.bad != nil:
			return nil, f.bad
		case a.nobody && !a.knows(f) && !f.unlocked():
			return nil, errors.New("it has a passphrase and nobody can be asked, ssh-add gives it to an agent")
		case f.public == nil:
			signer, err := f.unlock(a)
			if err != nil {
				return nil, err
			}
			return &fileSigner{f, a, signer.PublicKey()}, nil
		default:
			return &fileSigner{f, a, f.public}, nil
		}
	}}
}

func (f *keyFile) unlocked() bool {
	f.unlocking <- struct{}{}
	defer func() { <-f.unlocking }()
	return f.signer != nil
}

// unlock asks for the passphrase, once in a run for however many hosts.
func (f *keyFile) unlock(a *authenticator) (ssh.Signer, error) {
	resume := a.limit.pause()
	defer resume()
	select {
	case f.unlocking <- struct{}{}:
		defer func() { <-f.unlocking }()
	case <-a.limit.ctx.Done():
		return nil, a.limit.ctx.Err()
	}
	for try := 0; f.signer == nil && f.failed == nil; try++ {
		f.unlockOnce(a, try)
		if a.limit.ctx.Err() != nil {
			f.failed = nil // the next login may ask again
			return nil, a.limit.ctx.Err()
		}
	}
	return f.signer, f.failed
}

func (f *keyFile) unlockOnce(a *authenticator, try int) {
	text := fmt.Sprintf("passphrase for %s: ", a.short(f.path))
	if try > 0 {
		text = "wrong; " + text
	}
	passphrase, known := "", false
	if try == 0 && a.knows(f) {
		passphrase, known = a.dialer.deps.Passphrase(f.path)
	}
	var err error
	if !known {
		passphrase, err = a.dialer.ask(a.limit.ctx, Question{Host: a.o.name, Text: text})
	}
	if err != nil || passphrase == "" {
		f.failed = errors.New("its passphrase was not given")
		return
	}
	private, err := sshkey.ParseLocked(f.pem, []byte(passphrase))
	if err == nil {
		err = f.hold(private)
	}
	switch {
	case err == nil:
	case f.unfit(err):
		f.failed = errors.New(termsafe.Line(strings.TrimPrefix(err.Error(), "ssh: ")) + ", ssh-keygen -p rewrites the file")
	case known && a.nobody:
		f.failed = errors.New("the passphrase that was given is wrong")
	case try+1 >= a.o.passwordPrompts:
		f.failed = errors.New("its passphrase was wrong")
	}
}

// unfit tells a key that no passphrase unlocks here from a wrong passphrase. Of
// the old PEM format nobody can tell.
func (f *keyFile) unfit(err error) bool {
	telling := bytes.Contains(f.pem, []byte("BEGIN OPENSSH PRIVATE KEY")) || sshkey.IsLockedPKCS8(f.pem)
	return telling && !errors.Is(err, x509.IncorrectPasswordError)
}

// knows tells whether the passphrase of a file is known without a question.
func (a *authenticator) knows(f *keyFile) bool {
	if a.dialer.deps.Passphrase == nil {
		return false
	}
	_, known := a.dialer.deps.Passphrase(f.path)
	return known
}

// fileSigner signs with the key of a file, and unlocks it at the first signature.
type fileSigner struct {
	file   *keyFile
	auth   *authenticator
	public ssh.PublicKey
}

func (s *fileSigner) PublicKey() ssh.PublicKey { return s.public }

func (s *fileSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s *fileSigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	signer, err := s.file.unlock(s.auth)
	if err != nil {
		s.auth.note(s.auth.short(s.file.path) + ": " + err.Error())
		return nil, err
	}
	s.auth.addToAgent(s.file)
	if as, ok := signer.(ssh.AlgorithmSigner); ok {
		return as.SignWithAlgorithm(rand, data, algorithm)
	}
	return signer.Sign(rand, data)
}

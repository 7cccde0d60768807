package sshclient

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/ssh"
)

// offer is the file as something to log in with. A locked key whose public half
// is known is unlocked only when the server wants it.
func (f *keyFile) offer(a *authenticator) offer {
	label := a.short(f.path)
	return offer{label: label, signer: func(a *authenticator) (ssh.Signer, error) {
		switch {
		case f.bad != nil:
			return nil, f.bad
		case f.pem == nil:
			return f.signer, nil
		case a.nobody && !f.unlocked():
			return nil, errors.New("it has a passphrase and nobody can be asked, ssh-add gives it to an agent")
		case f.public == nil:
			return f.unlock(a)
		default:
			return &lockedSigner{f, a}, nil
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
	passphrase, err := a.dialer.ask(a.limit.ctx, Question{Host: a.o.name, Text: text})
	if err != nil || passphrase == "" {
		f.failed = errors.New("its passphrase was not given")
		return
	}
	signer, err := ssh.ParsePrivateKeyWithPassphrase(f.pem, []byte(passphrase))
	switch {
	case err == nil:
		f.signer = signer
	case try+1 >= a.o.passwordPrompts:
		f.failed = errors.New("its passphrase was wrong")
	}
}

// lockedSigner unlocks its key at the first signature.
type lockedSigner struct {
	file *keyFile
	auth *authenticator
}

func (s *lockedSigner) PublicKey() ssh.PublicKey { return s.file.public }

func (s *lockedSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s *lockedSigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	signer, err := s.file.unlock(s.auth)
	if err != nil {
		s.auth.note(s.auth.short(s.file.path) + ": " + err.Error())
		return nil, err
	}
	if as, ok := signer.(ssh.AlgorithmSigner); ok {
		return as.SignWithAlgorithm(rand, data, algorithm)
	}
	return signer.Sign(rand, data)
}

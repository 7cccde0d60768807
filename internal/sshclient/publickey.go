package sshclient

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// offer is a public key that a login may show.
type offer struct {
	label  string
	signer func(a *authenticator) (ssh.Signer, error) // may ask for a passphrase
}

// publicKey gives the next key as a method of its own, so that the order is
// ours and each offer is counted.
func (a *authenticator) publicKey() ssh.AuthMethod {
	if !a.loaded {
		a.loaded = true
		a.offers = a.collect()
	}
	for len(a.offers) > 0 && a.offered < maxKeyOffers {
		next := a.offers[0]
		a.offers = a.offers[1:]
		signer, err := next.signer(a)
		if err != nil {
			a.note(next.label + ": " + err.Error())
			continue
		}
		if bits, few := a.o.fewBits(signer.PublicKey()); few {
			a.note(fmt.Sprintf("%s: %d bits are less than RequiredRSASize", next.label, bits))
			continue
		}
		if signer = a.restrict(signer); signer == nil {
			a.note(next.label + ": its algorithm is not accepted by PubkeyAcceptedAlgorithms")
			continue
		}
		a.offered++
		a.try(next.label)
		return ssh.PublicKeys(signer)
	}
	return nil
}

// collect lists the keys in OpenSSH's order: certificates that the configuration
// names, keys of the agent that it names, other keys of the agent, keys in files,
// each with the certificate beside it.
func (a *authenticator) collect() []offer {
	files := a.keyFiles()
	held := a.agentKeys()
	named := func(k *agent.Key) bool {
		return slices.ContainsFunc(files, func(f *keyFile) bool { return f.holds(k.Blob) })
	}
	offers := a.certificates(files, held)
	for _, wantNamed := range []bool{true, false} {
		for _, k := range held {
			if named(k) == wantNamed && (wantNamed || !a.o.identitiesOnly) {
				offers = append(offers, a.agentOffer(k))
			}
		}
	}
	for _, f := range files {
		inAgent := slices.ContainsFunc(held, func(k *agent.Key) bool { return f.holds(k.Blob) })
		if !inAgent {
			offers = append(offers, f.offer(a))
		}
		offers = append(offers, a.certificateBeside(f, files, held)...)
	}
	return offers
}

// restrict leaves the signature algorithms that may be used: RSA with SHA-2
// alone, and what PubkeyAcceptedAlgorithms names. nil means none.
func (a *authenticator) restrict(signer ssh.Signer) ssh.Signer {
	plain, isCert := signer.PublicKey().Type(), false
	if c, ok := signer.PublicKey().(*ssh.Certificate); ok {
		plain, isCert = c.Key.Type(), true
	}
	usable := signatureAlgorithms(plain, isCert, a.o.publicKeyAlgorithms)
	as, ok := signer.(ssh.AlgorithmSigner)
	switch {
	case len(usable) == 0:
		return nil
	case !ok || plain != ssh.KeyAlgoRSA:
		return signer // these keys have one algorithm
	}
	restricted, err := ssh.NewSignerWithAlgorithms(as, usable)
	if err != nil {
		return nil
	}
	return restricted
}

// signatureAlgorithms lists how a key may sign. accepted is nil for the default
// and may name SHA-1 (ssh-rsa), which then comes last.
func signatureAlgorithms(keyType string, isCert bool, accepted []string) []string {
	all := []string{keyType}
	if keyType == ssh.KeyAlgoRSA {
		all = []string{ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512}
		if slices.Contains(accepted, ssh.KeyAlgoRSA) {
			all = append(all, ssh.KeyAlgoRSA)
		}
	}
	if accepted == nil {
		return all
	}
	return slices.DeleteFunc(all, func(name string) bool {
		if isCert {
			name = strings.TrimSuffix(name, "@openssh.com") + "-cert-v01@openssh.com"
		}
		return !slices.Contains(accepted, name)
	})
}

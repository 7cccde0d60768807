package sshclient

import (
	"bytes"
	"errors"
	"slices"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// certificates are those that CertificateFile names (ssh_config(5)), with the
// private keys they belong to, in a file or in the agent.
func (a *authenticator) certificates(files []*keyFile, held []*agent.Key) []offer {
	var offers []offer
	for _, path := range a.o.certificateFiles {
		cert, err := readCertificate(path)
		if err != nil {
			a.note(a.short(path) + ": " + err.Error())
			continue
		}
		offers = append(offers, a.certificateOffer(path, cert, files, held))
	}
	return offers
}

// certificateBeside is the certificate that lies beside a key file, as
// id_ed25519-cert.pub, if no CertificateFile is set.
func (a *authenticator) certificateBeside(f *keyFile, files []*keyFile, held []*agent.Key) []offer {
	path := f.path + "-cert.pub"
	cert, err := readCertificate(path)
	if err != nil || len(a.o.certificateFiles) > 0 {
		return nil
	}
	return []offer{a.certificateOffer(path, cert, files, held)}
}

func readCertificate(path string) (*ssh.Certificate, error) {
	data, err := readSmallFile(path)
	if err != nil {
		return nil, err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil, errors.New("not a certificate")
	}
	cert, ok := key.(*ssh.Certificate)
	if !ok {
		return nil, errors.New("a public key, not a certificate")
	}
	return cert, nil
}

func (a *authenticator) certificateOffer(path string, cert *ssh.Certificate, files []*keyFile, held []*agent.Key) offer {
	blob := cert.Key.Marshal()
	return offer{label: a.short(path), signer: func(a *authenticator) (ssh.Signer, error) {
		if slices.ContainsFunc(held, func(k *agent.Key) bool { return bytes.Equal(k.Blob, blob) }) {
			return ssh.NewCertSigner(cert, &agentSigner{cert.Key, a})
		}
		for _, f := range files {
			if !f.holds(blob) {
				continue
			}
			signer, err := f.offer(a).signer(a)
			if err != nil {
				return nil, err
			}
			return ssh.NewCertSigner(cert, signer)
		}
		return nil, errors.New("no private key for this certificate")
	}}
}

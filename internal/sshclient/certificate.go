package sshclient

import (
	"bytes"
	"errors"
	"slices"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// certificates pairs the certificates of the configuration with the private
// keys they belong to, in a file or in the agent. Without a CertificateFile
// each identity has its own beside it: id_ed25519-cert.pub (ssh_config(5)).
func (a *authenticator) certificates(files []*keyFile, held []*agent.Key) []offer {
	paths := a.o.certificateFiles
	if len(paths) == 0 {
		for _, f := range files {
			paths = append(paths, f.path+"-cert.pub")
		}
	}
	var offers []offer
	for _, path := range paths {
		cert, err := readCertificate(path)
		switch {
		case err != nil && len(a.o.certificateFiles) > 0:
			a.note(a.short(path) + ": " + err.Error())
		case err == nil:
			offers = append(offers, a.certificateOffer(path, cert, files, held))
		}
	}
	return offers
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

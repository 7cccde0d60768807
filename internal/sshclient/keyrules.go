package sshclient

import (
	"crypto/rsa"
	"slices"

	"golang.org/x/crypto/ssh"
)

// fewBits tells whether a key, or the one inside a certificate, is of RSA and
// smaller than RequiredRSASize (ssh_config(5)).
func (o *options) fewBits(key ssh.PublicKey) (bits int, few bool) {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	holder, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return 0, false
	}
	public, ok := holder.CryptoPublicKey().(*rsa.PublicKey)
	if !ok {
		return 0, false
	}
	bits = public.N.BitLen()
	return bits, bits < o.minRSA
}

// withoutWeakAuthority is the key of a host without the certificate around it
// if CASignatureAlgorithms (ssh_config(5)) does not take its signature.
func (o *options) withoutWeakAuthority(key ssh.PublicKey) ssh.PublicKey {
	cert, ok := key.(*ssh.Certificate)
	if !ok || o.caAlgorithms == nil || cert.Signature == nil || slices.Contains(o.caAlgorithms, cert.Signature.Format) {
		return key
	}
	return cert.Key
}

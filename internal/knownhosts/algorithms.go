package knownhosts

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// preferred is the order of host key algorithms of which none is known: that of
// OpenSSH.
var preferred = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

// preferredCertificates is the same for certificates.
var preferredCertificates = []string{
	ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
	ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
}

// Algorithms are the host key algorithms to offer, those of known keys first: a
// host with several keys of which one is known must show that one. Certificates
// are asked for when an authority for the host is known.
func (db *DB) Algorithms(host string, port int) []string {
	found, plain := db.find(Name(host, port)), db.find(Name(host, defaultPort))
	authorities := slices.Concat(found, plain) // Check takes those of either name
	if len(found) == 0 {
		found = plain
	}
	var certificates, known, rest []string
	all := db.everyAlgorithm()
	if len(db.marked(authorities, authority)) > 0 {
		certificates = preferredCertificates
		for _, name := range all {
			if strings.Contains(name, "-cert-") && !slices.Contains(certificates, name) {
				certificates = append(certificates[:len(certificates):len(certificates)], name)
			}
		}
	}
	for _, name := range all {
		switch {
		case strings.Contains(name, "-cert-"):
		case db.hasType(found, name):
			known = append(known, name)
		default:
			rest = append(rest, name)
		}
	}
	return slices.Concat(certificates, known, rest)
}

// everyAlgorithm is what the SSH library can check, preferred ones first.
func (db *DB) everyAlgorithm() []string {
	all := slices.Clone(preferred)
	for _, name := range ssh.SupportedAlgorithms().HostKeys {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// hasType tells whether a host key is known that an algorithm can use. RSA keys
// have algorithms of their own (RFC 8332).
func (db *DB) hasType(found []int, algorithm string) bool {
	kind := algorithm
	if algorithm == ssh.KeyAlgoRSASHA256 || algorithm == ssh.KeyAlgoRSASHA512 {
		kind = ssh.KeyAlgoRSA
	}
	return slices.ContainsFunc(found, func(n int) bool {
		return db.entries[n].Marker == "" && db.entries[n].Key.Type() == kind
	})
}

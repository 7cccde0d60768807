package knownhosts

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// Check tells whether key is the right one for host, or HostKeyAlias, at port.
// A certificate is right when an authority for the host signed it and it holds
// for the host now; one of an unknown authority, or one that is not valid,
// counts as the key inside it.
//
// Where keys are known for the name with its port, those of the bare name do not
// count. OpenSSH is less strict there when the types differ.
func (db *DB) Check(host string, port int, key ssh.PublicKey) error {
	own := db.find(Name(host, port))
	all := own
	if name := Name(host, defaultPort); name != Name(host, port) {
		all = slices.Concat(own, db.find(name))
	}
	if entry := db.revocation(all, key); entry != nil {
		return revokedError(host, port, key, *entry)
	}
	if cert, ok := key.(*ssh.Certificate); ok {
		if db.signed(all, cert) {
			return db.checkSigned(host, port, cert)
		}
		key = cert.Key
	}
	known := db.marked(own, "")
	if len(known) > 0 { // the name without the port counts only where nothing is known with it
		all = own
	}
	if _, ok := db.holds(all, "", key); ok {
		return nil
	}
	if len(known) > 0 {
		return db.changedError(host, port, key, known)
	}
	return db.unknownError(host, port, key)
}

// holds gives the first of some entries that has a marker and a key.
func (db *DB) holds(found []int, marker string, key ssh.PublicKey) (*Entry, bool) {
	blob := key.Marshal()
	for _, n := range found {
		if e := &db.entries[n]; e.Marker == marker && bytes.Equal(e.Key.Marshal(), blob) {
			return e, true
		}
	}
	return nil, false
}

// marked are the entries with a marker.
func (db *DB) marked(found []int, marker string) []Entry {
	var entries []Entry
	for _, n := range found {
		if db.entries[n].Marker == marker {
			entries = append(entries, db.entries[n])
		}
	}
	return entries
}

// revocation is the line that revokes a key, or what a certificate is made of.
func (db *DB) revocation(found []int, key ssh.PublicKey) *Entry {
	keys := []ssh.PublicKey{key}
	if cert, ok := key.(*ssh.Certificate); ok {
		keys = append(keys, cert.Key, cert.SignatureKey)
	}
	for _, key := range keys {
		if entry, ok := db.holds(found, revoked, key); ok {
			return entry
		}
	}
	return nil
}

// signed tells whether an authority for the host has signed a certificate.
func (db *DB) signed(found []int, cert *ssh.Certificate) bool {
	_, ok := db.holds(found, authority, cert.SignatureKey)
	return ok
}

// checkSigned checks a certificate of a known authority.
func (db *DB) checkSigned(host string, port int, cert *ssh.Certificate) error {
	invalid := checkCertificate(host, cert)
	if invalid != nil && db.Check(host, port, cert.Key) == nil {
		return nil
	}
	return invalid
}

// checkCertificate checks what a known authority has signed: type, time,
// principals (which may be patterns, as in OpenSSH) and signature.
func checkCertificate(host string, cert *ssh.Certificate) error {
	reason := defect(host, cert)
	if reason == "" {
		return nil
	}
	return fault.New(fault.HostKey, "the host certificate %q of %s is not valid: %s", cert.KeyId, host, reason).
		WithHint("have it signed again: ssh-keygen -s ca -h -I %s -n %s ssh_host_key.pub", host, host)
}

// defect is what is wrong with a certificate, or "".
func defect(host string, cert *ssh.Certificate) string {
	switch {
	case cert.CertType != ssh.HostCert:
		return "it is for users, not for hosts"
	case cert.Signature == nil:
		return "it is not signed"
	case slices.Contains(weakSignatures, cert.Signature.Format):
		return "its signature is made with SHA-1"
	}
	if err := (&ssh.CertChecker{}).CheckCert(principal(host, cert), cert); err != nil {
		return strings.TrimPrefix(err.Error(), "ssh: ")
	}
	return ""
}

// weakSignatures are made with SHA-1; OpenSSH takes none of an authority
// (CASignatureAlgorithms in ssh_config(5)).
var weakSignatures = []string{"ssh-rsa", "ssh-dss"}

// principal is the one of a certificate that fits the host, or the host.
func principal(host string, cert *ssh.Certificate) string {
	host = strings.ToLower(host)
	for _, name := range cert.ValidPrincipals {
		if matchPattern(host, name) {
			return name
		}
	}
	return host
}

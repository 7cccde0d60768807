// Package tlsinfo tells what is known of an encrypted connection, also of one
// whose certificate was refused.
package tlsinfo

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"time"
)

// Info is what an operator asks about a connection.
type Info struct {
	Version     string    `lua:"version" doc:"Such as TLS 1.3."`
	Cipher      string    `lua:"cipher" doc:"Cipher suite."`
	Protocol    string    `lua:"protocol" doc:"Protocol agreed on inside (ALPN), such as h2."`
	Verified    bool      `lua:"verified" doc:"Whether the certificate is right for this name, and trusted."`
	Problem     string    `lua:"problem" doc:"Why it is not; empty when it is."`
	Subject     string    `lua:"subject" doc:"Whom the certificate is for."`
	Issuer      string    `lua:"issuer" doc:"Who issued it."`
	NotBefore   time.Time `lua:"not_before" doc:"When it becomes valid."`
	NotAfter    time.Time `lua:"not_after" doc:"When it expires."`
	DaysLeft    float64   `lua:"days_left" doc:"Days until the first certificate of the chain expires; negative when one has."`
	SAN         []string  `lua:"san" doc:"Names and addresses it holds for."`
	Serial      string    `lua:"serial" doc:"Its number in hex."`
	Fingerprint string    `lua:"fingerprint" doc:"SHA-256 of the certificate in hex."`
	Chain       int       `lua:"chain" doc:"How many certificates were sent."`
}

// Of tells about a connection to a host; nil when no certificate was seen.
// roots are the authorities to trust, nil for the system's.
func Of(state *tls.ConnectionState, host string, roots *x509.CertPool, now time.Time) *Info {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0]
	sum := sha256.Sum256(leaf.Raw)
	i := &Info{
		Protocol: state.NegotiatedProtocol, Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(),
		NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, SAN: append([]string{}, leaf.DNSNames...),
		Serial: leaf.SerialNumber.Text(16), Fingerprint: hex.EncodeToString(sum[:]), Chain: len(state.PeerCertificates),
	}
	if state.Version != 0 { // the handshake came so far
		i.Version, i.Cipher = tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite)
	}
	for _, ip := range leaf.IPAddresses {
		i.SAN = append(i.SAN, ip.String())
	}
	first := leaf.NotAfter
	for _, certificate := range state.PeerCertificates {
		if certificate.NotAfter.Before(first) {
			first = certificate.NotAfter
		}
	}
	i.DaysLeft = first.Sub(now).Hours() / 24
	if err := verify(host, state.PeerCertificates, roots); err != nil {
		i.Problem = err.Error()
	} else {
		i.Verified = true
	}
	return i
}

// verify checks a chain as crypto/tls does, for a connection that was made
// without.
func verify(host string, chain []*x509.Certificate, roots *x509.CertPool) error {
	options := x509.VerifyOptions{Roots: roots, DNSName: host, Intermediates: x509.NewCertPool()}
	for _, certificate := range chain[1:] {
		options.Intermediates.AddCert(certificate)
	}
	_, err := chain[0].Verify(options)
	return err
}

// Refused gives what was sent by a server whose certificate was refused, nil
// when err is something else.
func Refused(err error) *tls.ConnectionState {
	var refused *tls.CertificateVerificationError
	if !errors.As(err, &refused) {
		return nil
	}
	return &tls.ConnectionState{PeerCertificates: refused.UnverifiedCertificates}
}

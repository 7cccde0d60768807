package mailer

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"

	"github.com/emersion/go-msgauth/dkim"

	"gofab/internal/fault"
)

// DKIM signs messages for a domain (RFC 6376).
type DKIM struct {
	Domain   string
	Selector string
	Key      crypto.Signer
}

// ParseDKIMKey reads a private key in PEM: RSA or Ed25519.
func ParseDKIMKey(data []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fault.New(fault.Parse, "the DKIM key is not in PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if signer, ok := key.(crypto.Signer); ok && err == nil {
		return signer, nil
	}
	return nil, fault.New(fault.Parse, "the DKIM key is neither RSA nor Ed25519")
}

// signed are the fields under the signature (RFC 6376, 5.4.1); From is there
// twice, so that nobody adds another.
var signed = []string{"From", "From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

// Sign puts a signature in front of a message.
func (d DKIM) Sign(message []byte) ([]byte, error) {
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(message), &dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: d.Key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot sign the message")
	}
	return out.Bytes(), nil
}

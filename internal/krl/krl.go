// Package krl reads the key revocation lists that ssh-keygen -k makes
// (PROTOCOL.krl of OpenSSH).
//
// Rules: a list that is not understood completely is an error, since what is
// overlooked would count as not revoked; only an extension that says of itself
// that it can be ignored is. A key is revoked by itself, by its hash or as the
// authority of a certificate; a certificate also by its serial number or name.
package krl

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the format has it
	"crypto/sha256"
	"math/big"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// magic begins each list.
const magic = "SSHKRL\n\x00"

// Is tells whether data is such a list; RevokedHostKeys can be plain text, too.
func Is(data []byte) bool { return bytes.HasPrefix(data, []byte(magic)) }

// List is a revocation list. It does not change.
type List struct {
	keys         map[string]bool // blobs
	sha1, sha256 map[string]bool // of blobs
	certificates []certificates
}

// certificates are those that are revoked of one authority, or of all.
type certificates struct {
	authority string // blob; "" is every one
	ids       map[string]bool
	ranges    []serials
	bitmaps   []bitmap
}

// serials are numbers from low to high.
type serials struct{ low, high uint64 }

// bitmap has a bit for each number from offset on.
type bitmap struct {
	offset uint64
	bits   *big.Int
}

// Parse reads a list.
func Parse(data []byte) (*List, error) {
	l := &List{keys: map[string]bool{}, sha1: map[string]bool{}, sha256: map[string]bool{}}
	r := &reader{data: data}
	if string(r.bytes(len(magic))) != magic {
		return nil, fault.New(fault.Parse, "no key revocation list")
	}
	if version := r.uint32(); version != 1 && !r.failed {
		return nil, fault.New(fault.Unsupported, "a key revocation list of version %d", version)
	}
	r.bytes(3 * 8)          // its own version, the time it was made, flags
	_, _ = r.str(), r.str() // reserved, comment
	for !r.failed && len(r.data) > 0 {
		if err := l.section(r.byte(), &reader{data: r.str()}); err != nil {
			return nil, err
		}
	}
	if r.failed {
		return nil, fault.New(fault.Parse, "the key revocation list ends too early")
	}
	return l, nil
}

// Kinds of sections.
const (
	sectionCertificates = 1
	sectionKeys         = 2
	sectionSHA1         = 3
	sectionSignature    = 4
	sectionSHA256       = 5
	sectionExtension    = 255
)

func (l *List) section(kind byte, r *reader) error {
	switch kind {
	case sectionCertificates:
		return l.ofAuthority(r)
	case sectionKeys:
		r.strings(l.keys)
	case sectionSHA1:
		r.strings(l.sha1)
	case sectionSHA256:
		r.strings(l.sha256)
	case sectionSignature: // OpenSSH looks at none any more
		return nil
	case sectionExtension:
		return extension(r)
	default:
		return fault.New(fault.Unsupported, "a key revocation list with a section of the unknown kind %d", kind)
	}
	return r.end()
}

// extension refuses what must not be ignored.
func extension(r *reader) error {
	name := r.str()
	if critical := r.byte(); critical != 0 {
		return fault.New(fault.Unsupported, "a key revocation list with the unknown extension %q", name)
	}
	r.str()
	return r.end()
}

// Kinds of parts in a section about certificates.
const (
	partSerials   = 0x20
	partRange     = 0x21
	partBitmap    = 0x22
	partIDs       = 0x23
	partExtension = 0x39
)

func (l *List) ofAuthority(r *reader) error {
	c := certificates{authority: string(r.str()), ids: map[string]bool{}}
	r.str() // reserved
	for !r.failed && len(r.data) > 0 {
		if err := c.part(r.byte(), &reader{data: r.str()}); err != nil {
			return err
		}
	}
	l.certificates = append(l.certificates, c)
	return r.end()
}

func (c *certificates) part(kind byte, r *reader) error {
	switch kind {
	case partSerials:
		for !r.failed && len(r.data) > 0 {
			serial := r.uint64()
			c.ranges = append(c.ranges, serials{serial, serial})
		}
	case partRange:
		c.ranges = append(c.ranges, serials{r.uint64(), r.uint64()})
	case partBitmap:
		c.bitmaps = append(c.bitmaps, bitmap{r.uint64(), new(big.Int).SetBytes(r.str())})
	case partIDs:
		r.strings(c.ids)
	case partExtension:
		return extension(r)
	default:
		return fault.New(fault.Unsupported, "a key revocation list with a part of the unknown kind %d", kind)
	}
	return r.end()
}

// Revoked tells whether a key or a certificate is on the list.
func (l *List) Revoked(key ssh.PublicKey) bool {
	cert, ok := key.(*ssh.Certificate)
	if !ok {
		return l.revokedKey(key)
	}
	if l.revokedKey(cert.Key) || l.revokedKey(cert.SignatureKey) {
		return true
	}
	authority := string(cert.SignatureKey.Marshal())
	for _, c := range l.certificates {
		if (c.authority == "" || c.authority == authority) && c.revoked(cert) {
			return true
		}
	}
	return false
}

func (l *List) revokedKey(key ssh.PublicKey) bool {
	blob := key.Marshal()
	short, long := sha1.Sum(blob), sha256.Sum256(blob) //nolint:gosec // the format has it
	return l.keys[string(blob)] || l.sha1[string(short[:])] || l.sha256[string(long[:])]
}

// revoked looks for a certificate of the right authority. Those without a
// number have 0, by which none can be revoked.
func (c *certificates) revoked(cert *ssh.Certificate) bool {
	if c.ids[cert.KeyId] {
		return true
	}
	if cert.Serial == 0 {
		return false
	}
	for _, s := range c.ranges {
		if s.low <= cert.Serial && cert.Serial <= s.high {
			return true
		}
	}
	for _, b := range c.bitmaps {
		if cert.Serial >= b.offset && cert.Serial-b.offset < uint64(b.bits.BitLen()) && b.bits.Bit(int(cert.Serial-b.offset)) == 1 {
			return true
		}
	}
	return false
}

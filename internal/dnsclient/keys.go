package dnsclient

import (
	"context"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// DS makes the record that the zone above needs of a DNSKEY. Digest is 1 for
// SHA-1, 2 for SHA-256, 4 for SHA-384.
func DS(key Record, digest int) (Record, error) {
	rr, err := key.library()
	if err != nil {
		return Record{}, err
	}
	k, ok := rr.(*dns.DNSKEY)
	if !ok {
		return Record{}, fault.New(fault.Usage, "a DS is made of a DNSKEY, not of %s", key.TypeName())
	}
	ds := k.ToDS(uint8(digest))
	if ds == nil {
		return Record{}, fault.New(fault.Usage, "digest %d is not known", digest).WithHint("1 is SHA-1, 2 SHA-256, 4 SHA-384")
	}
	return fromLibrary(ds)
}

// NSEC3Hash is the hash of a name (RFC 5155); salt is hexadecimal.
func NSEC3Hash(name, salt string, iterations int) (string, error) {
	absolute, err := Absolute(name)
	if err != nil {
		return "", err
	}
	if salt == "-" {
		salt = ""
	}
	hash := dns.HashName(absolute, dns.SHA1, uint16(iterations), salt)
	if hash == "" {
		return "", fault.New(fault.Usage, "salt %q is not hexadecimal", salt)
	}
	return hash, nil
}

// ZoneOf finds the zone that a name is in: the nearest name above it that has a
// SOA.
func (r *Resolver) ZoneOf(ctx context.Context, name string) (string, error) {
	absolute, err := Absolute(name)
	if err != nil {
		return "", err
	}
	for ; ; absolute = Parent(absolute) {
		a, err := r.Query(ctx, absolute, dns.TypeSOA)
		if err != nil {
			return "", err
		}
		if a.Status == StatusOK && SameName(a.Canonical, absolute) {
			return absolute, nil
		}
		if err := a.Err(); a.Status.failed() || absolute == "." {
			return "", err
		}
	}
}

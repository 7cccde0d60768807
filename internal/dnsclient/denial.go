package dnsclient

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// denial is the validated NSEC and NSEC3 records of a message: what is provably
// not there (RFC 4035, RFC 5155).
type denial struct {
	zone  string
	nsec  []*dns.NSEC
	nsec3 []*dns.NSEC3
}

// maxIterations is how often hashes of NSEC3 may be hashed; beyond, servers
// count as not signed (RFC 9276).
const maxIterations = 100

// proof collects the records of denial that are validly signed.
func (v *validator) proof(zone zoneKeys, m *Message) (*denial, error) {
	d := &denial{zone: zone.zone}
	err := fmt.Errorf("there is no signed proof in the zone %s", zone.zone)
	for _, set := range rrsets(m.Authority) {
		if set[0].Type != dns.TypeNSEC && set[0].Type != dns.TypeNSEC3 {
			continue
		}
		if _, err = v.verify(zone, set, m.Authority); err != nil {
			continue
		}
		rr, bad := set[0].library()
		if bad != nil {
			continue
		}
		switch r := rr.(type) {
		case *dns.NSEC:
			d.nsec = append(d.nsec, r)
		case *dns.NSEC3:
			if r.Iterations > maxIterations {
				return nil, fmt.Errorf("%w: %s hashes names %d times", errInsecure, zone.zone, r.Iterations)
			}
			d.nsec3 = append(d.nsec3, r)
		}
	}
	if len(d.nsec)+len(d.nsec3) == 0 {
		return nil, err
	}
	return d, nil
}

// noName is nil when the name is provably not there, nor a wildcard for it.
func (d *denial) noName(name string) error {
	if len(d.nsec) > 0 {
		above := d.encloser(name)
		if d.covered(name) && above != "" && d.covered(wildcardOf(above)) {
			return nil
		}
	} else if above, next := d.encloser3(name); above != "" && d.covers3(next) && d.covers3(wildcardOf(above)) {
		return nil
	}
	return fmt.Errorf("it is not proved that there is no name %s", name)
}

// noData is nil when the name provably has no record of a type.
func (d *denial) noData(name string, qtype uint16) error {
	if d.lacks(name, qtype) || d.emptyName(name) {
		return nil
	}
	if above := d.encloser(name); len(d.nsec) > 0 && above != "" && d.covered(name) && d.lacks(wildcardOf(above), qtype) {
		return nil
	}
	if above, next := d.encloser3(name); above != "" && d.covers3(next) {
		if d.lacks(wildcardOf(above), qtype) || qtype == dns.TypeDS && d.optedOut(next) {
			return nil
		}
	}
	return fmt.Errorf("it is not proved that %s has no record of type %s", name, TypeName(qtype))
}

// wildcard is nil when a name that was made of a wildcard is provably not there
// itself.
func (d *denial) wildcard(name string, labels int) error {
	all := Labels(name)
	if labels+1 > len(all) {
		return nil
	}
	next := strings.Join(all[len(all)-labels-1:], ".") + "."
	if d.covered(name) || d.covers3(next) {
		return nil
	}
	return fmt.Errorf("it is not proved that a wildcard may stand for %s", name)
}

// types gives the types of a name, if there is a record right at it.
func (d *denial) types(name string) ([]uint16, bool) {
	for _, r := range d.nsec {
		if SameName(r.Hdr.Name, name) {
			return r.TypeBitMap, true
		}
	}
	for _, r := range d.nsec3 {
		if d.match3(r, name) {
			return r.TypeBitMap, true
		}
	}
	return nil, false
}

// lacks tells that a name has neither a type nor an alias. What a zone says of
// the top of the zone below it holds for DS alone.
func (d *denial) lacks(name string, qtype uint16) bool {
	types, ok := d.types(name)
	if !ok || slices.Contains(types, qtype) || slices.Contains(types, dns.TypeCNAME) {
		return false
	}
	cut := slices.Contains(types, dns.TypeNS) && !slices.Contains(types, dns.TypeSOA)
	return qtype == dns.TypeDS && (cut || !slices.Contains(types, dns.TypeSOA) || name == ".") || qtype != dns.TypeDS && !cut
}

// unsignedCut tells that a name is the top of a zone without DS.
func (d *denial) unsignedCut(name string) bool {
	types, ok := d.types(name)
	if ok {
		return slices.Contains(types, dns.TypeNS) && !slices.Contains(types, dns.TypeSOA)
	}
	_, next := d.encloser3(name)
	return len(d.nsec3) > 0 && d.optedOut(next)
}

// covered tells that a name falls between two names that follow one another.
func (d *denial) covered(name string) bool {
	for _, r := range d.nsec {
		owner, next := canonicalKey(r.Hdr.Name), canonicalKey(r.NextDomain)
		at := canonicalKey(name)
		last := SameName(r.NextDomain, d.zone)
		if owner < at && (at < next || last) && !d.below(r, name) {
			return true
		}
	}
	return false
}

// below tells that a name is under a delegation or a DNAME, of which a record
// of the zone above says nothing.
func (d *denial) below(r *dns.NSEC, name string) bool {
	if !Within(name, r.Hdr.Name) || SameName(name, r.Hdr.Name) {
		return false
	}
	cut := slices.Contains(r.TypeBitMap, dns.TypeNS) && !slices.Contains(r.TypeBitMap, dns.TypeSOA)
	return cut || slices.Contains(r.TypeBitMap, dns.TypeDNAME)
}

// emptyName tells that a name has names below it and nothing itself.
func (d *denial) emptyName(name string) bool {
	for _, r := range d.nsec {
		if canonicalKey(r.Hdr.Name) < canonicalKey(name) && Within(r.NextDomain, name) && !SameName(r.NextDomain, name) {
			return true
		}
	}
	return false
}

// encloser finds the nearest name above that is there: the longest that a name
// has in common with the ends of the gap it falls into.
func (d *denial) encloser(name string) string {
	best := ""
	for _, r := range d.nsec {
		for _, end := range []string{r.Hdr.Name, r.NextDomain} {
			if n := dns.CompareDomainName(name, end); n > countZoneLabels(best) || best == "" {
				labels := Labels(name)
				best = strings.Join(labels[len(labels)-n:], ".") + "."
			}
		}
	}
	return best
}

// encloser3 finds the nearest name above that is there by its hash, and the
// name one label longer.
func (d *denial) encloser3(name string) (above, next string) {
	for above, next = name, ""; ; above, next = Parent(above), above {
		if _, ok := d.types(above); ok && len(d.nsec3) > 0 && next != "" {
			return above, next
		}
		if above == "." || SameName(above, d.zone) {
			return "", ""
		}
	}
}

// hashes gives the hash of a name and that of the owner of a record, if the
// name is in the zone.
func (d *denial) hashes(r *dns.NSEC3, name string) (hash, owner string, ok bool) {
	owner, above, _ := strings.Cut(strings.ToUpper(r.Hdr.Name), ".")
	if above == "" {
		above = "."
	}
	hash = dns.HashName(name, r.Hash, r.Iterations, r.Salt)
	return hash, owner, SameName(above, d.zone) && Within(name, d.zone) && hash != ""
}

func (d *denial) match3(r *dns.NSEC3, name string) bool {
	hash, owner, ok := d.hashes(r, name)
	return ok && hash == owner
}

// gap3 tells that the hash of a name falls between those of two that follow one
// another; behind the last comes the first.
func (d *denial) gap3(r *dns.NSEC3, name string) bool {
	hash, owner, ok := d.hashes(r, name)
	next := strings.ToUpper(r.NextDomain)
	if owner < next {
		return ok && owner < hash && hash < next
	}
	return ok && (hash > owner || hash < next) && hash != owner
}

func (d *denial) covers3(name string) bool {
	return name != "" && slices.ContainsFunc(d.nsec3, func(r *dns.NSEC3) bool { return d.gap3(r, name) })
}

// optedOut tells that zones without signatures may be in the gap.
func (d *denial) optedOut(name string) bool {
	return name != "" && slices.ContainsFunc(d.nsec3, func(r *dns.NSEC3) bool { return r.Flags&1 == 1 && d.gap3(r, name) })
}

func wildcardOf(name string) string {
	if name == "." {
		return "*."
	}
	return "*." + name
}

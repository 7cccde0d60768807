package dnsclient

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// Zone is a zone in memory.
type Zone struct {
	Origin  string
	Records []Record // the SOA first, the others in canonical order of names
	names   map[string][]int
}

// NewZone makes a zone of records. Without an origin it is the owner of the
// SOA. Equal records are kept once.
func NewZone(origin string, records []Record) (*Zone, error) {
	if origin == "" {
		for _, r := range records {
			if r.Type == dns.TypeSOA {
				origin = r.Name
				break
			}
		}
	}
	if origin == "" {
		return nil, fault.New(fault.Parse, "the zone has no SOA, and no origin is given")
	}
	absolute, err := Absolute(origin)
	if err != nil {
		return nil, err
	}
	z := &Zone{Origin: absolute}
	seen := map[string]bool{}
	for _, r := range records {
		if id := r.identity(); !seen[id] {
			seen[id] = true
			z.Records = append(z.Records, r)
		}
	}
	z.sort()
	return z, nil
}

// ParseZone reads a zone file.
func ParseZone(source ZoneSource) (*Zone, error) {
	var records []Record
	err := ReadRecords(source, func(r Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return NewZone(source.Origin, records)
}

// identity is what makes records the same: all but the TTL.
func (r Record) identity() string {
	return fmt.Sprintf("%s %d %d %s", key(r.Name), r.Class, r.Type, r.Wire)
}

// sort orders names as RFC 4034 does, from the last label on.
func (z *Zone) sort() {
	order := make(map[string]string, len(z.Records))
	for _, r := range z.Records {
		if _, ok := order[r.Name]; !ok {
			order[r.Name] = canonicalKey(r.Name)
		}
	}
	rank := func(r Record) int {
		if r.Type == dns.TypeSOA {
			return 0
		}
		return int(r.Type)
	}
	slices.SortStableFunc(z.Records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(order[a.Name], order[b.Name]), cmp.Compare(rank(a), rank(b)), cmp.Compare(string(a.Wire), string(b.Wire)))
	})
	z.names = map[string][]int{}
	for i, r := range z.Records {
		z.names[key(r.Name)] = append(z.names[key(r.Name)], i)
	}
}

// canonicalKey turns a name around so that text order is the order of DNSSEC.
func canonicalKey(name string) string {
	labels := Labels(key(name))
	slices.Reverse(labels)
	for i, label := range labels {
		wire, _ := packName(label)
		if len(wire) > 2 {
			labels[i] = string(wire[1 : len(wire)-1])
		}
	}
	return strings.Join(labels, "\x00")
}

// At gives the records of a name, of one type or of all (type 0). Names are
// relative to the zone unless they end with a dot.
func (z *Zone) At(name string, rtype uint16) []Record {
	found := []Record{}
	for _, i := range z.names[key(z.Absolute(name))] {
		if r := z.Records[i]; rtype == 0 || r.Type == rtype {
			found = append(found, r)
		}
	}
	return found
}

// Absolute completes a name of the zone.
func (z *Zone) Absolute(name string) string {
	if name == "" || name == "@" {
		return z.Origin
	}
	if !dns.IsFqdn(name) {
		name += "." + strings.TrimPrefix(z.Origin, ".")
	}
	if absolute, err := Absolute(name); err == nil {
		return absolute
	}
	return name
}

// Serial is that of the SOA; ok is false without one.
func (z *Zone) Serial() (serial int64, ok bool) {
	if soa := z.At("@", dns.TypeSOA); len(soa) > 0 {
		return soa[0].num("serial"), true
	}
	return 0, false
}

// Text writes the zone as a zone file that every server reads: absolute names,
// and types that not all know in the form of RFC 3597.
func (z *Zone) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s\n", z.Origin)
	for _, r := range z.Records {
		b.WriteString(r.fileLine())
		b.WriteByte('\n')
	}
	return b.String()
}

// plainTypes are read by few in their own form.
var plainTypes = map[uint16]bool{
	dns.TypeNULL: true, 11: true, 22: true, dns.TypeNXT: true, dns.TypeEID: true, dns.TypeNIMLOC: true, 34: true, 38: true, 40: true,
	dns.TypeUINFO: true, dns.TypeUID: true, dns.TypeGID: true, 103: true, 259: true, dns.TypeRESINFO: true, dns.TypeNXNAME: true,
	dns.TypeMD: true, dns.TypeMF: true, dns.TypeISDN: true,
	dns.TypeX25: true, dns.TypeGPOS: true, dns.TypeNID: true, dns.TypeL64: true, dns.TypeIPSECKEY: true,
}

func (r Record) fileLine() string {
	if !plainTypes[r.Type] {
		return r.String()
	}
	r.Text = fmt.Sprintf(`\# %d %X`, len(r.Wire), r.Wire)
	return fmt.Sprintf("%s\t%d\t%s\tTYPE%d\t%s", r.Name, r.TTL, ClassName(r.Class), r.Type, strings.TrimSpace(r.Text))
}

// With gives the zone with records removed and added.
func (z *Zone) With(remove, add []Record) (*Zone, error) {
	gone := map[string]bool{}
	for _, r := range remove {
		gone[r.identity()] = true
	}
	records := slices.DeleteFunc(slices.Clone(z.Records), func(r Record) bool { return gone[r.identity()] })
	return NewZone(z.Origin, append(records, add...))
}

// Diff tells what must be removed and added to make other of z. A TTL that
// differs counts as a change.
func (z *Zone) Diff(other *Zone) (removed, added []Record) {
	missing := func(from, in *Zone) []Record {
		have := map[string]uint32{}
		for _, r := range in.Records {
			have[r.identity()] = r.TTL
		}
		out := []Record{}
		for _, r := range from.Records {
			if ttl, ok := have[r.identity()]; !ok || ttl != r.TTL {
				out = append(out, r)
			}
		}
		return out
	}
	return missing(z, other), missing(other, z)
}

// Parse reads a line of a zone file as a record of this zone.
func (z *Zone) Parse(line string) (Record, error) {
	ttl := uint32(3600)
	if soa := z.At("@", dns.TypeSOA); len(soa) > 0 {
		ttl = soa[0].TTL
	}
	r, err := ParseRecord(line, z.Origin, ttl)
	if err == nil && !Within(r.Name, z.Origin) {
		err = fault.New(fault.Usage, "%s is not in the zone %s", r.Name, z.Origin)
	}
	return r, err
}

// Bump raises the serial: by one, or to the date with two digits when it has
// that form. today is YYYYMMDD; 0 always counts up.
func (z *Zone) Bump(today int64) (*Zone, error) {
	soa := z.At("@", dns.TypeSOA)
	if len(soa) == 0 {
		return nil, fault.New(fault.NotFound, "the zone %s has no SOA", z.Origin)
	}
	serial := soa[0].num("serial")
	next := int64(uint32(serial + 1))
	if dated := today * 100; today > 0 && serial >= 1970010100 && serial < dated {
		next = dated
	}
	words := strings.Fields(soa[0].Text)
	words[2] = fmt.Sprint(next)
	fresh, err := ParseRecord(fmt.Sprintf("%s %d IN SOA %s", soa[0].Name, soa[0].TTL, strings.Join(words, " ")), z.Origin, 0)
	if err != nil {
		return nil, err
	}
	return z.With(soa, []Record{fresh})
}

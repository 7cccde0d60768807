package dnsclient

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// Finding is something wrong in a zone. A zone with an error is not loaded by
// name servers; a warning is likely a mistake.
type Finding struct {
	Level string // "error" or "warning"
	Name  string
	Type  string
	Text  string
}

// inspector collects findings.
type inspector struct {
	zone     *Zone
	findings []Finding
}

func (c *inspector) add(level string, r Record, format string, args ...any) {
	c.findings = append(c.findings, Finding{level, r.Name, r.TypeName(), fmt.Sprintf(format, args...)})
}

// Check looks for what name servers refuse, and for common mistakes.
func (z *Zone) Check() []Finding {
	c := &inspector{zone: z, findings: []Finding{}}
	c.apex()
	sets := map[string]uint32{}
	for _, r := range z.Records {
		c.owner(r)
		c.aliases(r)
		c.target(r)
		id := fmt.Sprint(key(r.Name), r.Type)
		if ttl, ok := sets[id]; ok && ttl != r.TTL && r.Type != dns.TypeRRSIG {
			c.add("warning", r, "records of the same name and type have different TTLs")
		}
		sets[id] = r.TTL
	}
	return c.findings
}

func (c *inspector) apex() {
	origin := Record{Name: c.zone.Origin, Type: dns.TypeSOA}
	if n := len(c.zone.At("@", dns.TypeSOA)); n != 1 {
		c.add("error", origin, "the zone has %d SOA records", n)
	}
	if len(c.zone.At("@", dns.TypeNS)) == 0 {
		origin.Type = dns.TypeNS
		c.add("error", origin, "the zone has no NS record")
	}
}

func (c *inspector) owner(r Record) {
	switch {
	case !Within(r.Name, c.zone.Origin):
		c.add("warning", r, "the name is not in the zone; servers ignore it")
	case r.Type == dns.TypeSOA && !SameName(r.Name, c.zone.Origin):
		c.add("error", r, "a SOA below the top of the zone")
	case r.Class != dns.ClassINET:
		c.add("error", r, "the class is %s", ClassName(r.Class))
	}
	if cut := c.cutAbove(r.Name); cut != "" && !glueType(r.Type) {
		c.add("warning", r, "the name is below the delegation of %s; servers ignore it", cut)
	}
}

func glueType(rtype uint16) bool { return rtype == dns.TypeA || rtype == dns.TypeAAAA }

// cutAbove finds a delegation above a name.
func (c *inspector) cutAbove(name string) string {
	for up := Parent(name); Within(up, c.zone.Origin) && !SameName(up, c.zone.Origin); up = Parent(up) {
		if len(c.zone.At(up, dns.TypeNS)) > 0 {
			return up
		}
	}
	return ""
}

// beside are the types that may stand beside a CNAME.
var beside = map[uint16]bool{dns.TypeRRSIG: true, dns.TypeNSEC: true, dns.TypeKEY: true, dns.TypeSIG: true, dns.TypeNXT: true}

func (c *inspector) aliases(r Record) {
	if r.Type != dns.TypeCNAME && r.Type != dns.TypeDNAME {
		return
	}
	same := 0
	for _, other := range c.zone.At(r.Name, 0) {
		switch {
		case other.Type == r.Type:
			same++
		case r.Type == dns.TypeCNAME && !beside[other.Type]:
			c.add("error", r, "a CNAME and %s at the same name", other.TypeName())
		}
	}
	if same > 1 {
		c.add("error", r, "%d %s records at one name", same, r.TypeName())
	}
}

// target checks that the hosts that are named have addresses.
func (c *inspector) target(r Record) {
	level, target := "warning", ""
	switch r.Type {
	case dns.TypeNS:
		level, target = "error", r.str("target")
		if SameName(r.Name, c.zone.Origin) || c.cutAbove(r.Name) == "" {
			break
		}
		return
	case dns.TypeMX:
		target = r.str("exchange")
	case dns.TypeSRV:
		target = r.str("target")
	default:
		return
	}
	if _, err := netip.ParseAddr(strings.TrimSuffix(target, ".")); err == nil {
		c.add("warning", r, "%s is an address; a name is wanted", target)
	}
	if target == "." || !Within(target, c.zone.Origin) || c.delegated(target) {
		return
	}
	switch found := c.lookup(target); {
	case found == nil && r.Type == dns.TypeNS && !SameName(r.Name, c.zone.Origin):
		c.add("warning", r, "%s has no address", target)
	case found == nil:
		c.add(level, r, "%s has no address", target)
	case found.Type == dns.TypeCNAME:
		c.add(level, r, "%s is an alias", target)
	}
}

// delegated tells whether a name belongs to somebody else's zone, without glue
// here.
func (c *inspector) delegated(name string) bool {
	if len(c.zone.At(name, dns.TypeA))+len(c.zone.At(name, dns.TypeAAAA)) > 0 {
		return false
	}
	return c.cutAbove(name) != "" || !SameName(name, c.zone.Origin) && len(c.zone.At(name, dns.TypeNS)) > 0
}

// lookup finds an address or an alias at a name, by wildcards too.
func (c *inspector) lookup(name string) *Record {
	names := []string{name}
	if len(c.zone.At(name, 0)) == 0 {
		names = append(names, "*."+strings.TrimPrefix(Parent(name), "."))
	}
	for _, n := range names {
		for _, r := range c.zone.At(n, 0) {
			if glueType(r.Type) || r.Type == dns.TypeCNAME {
				return &r
			}
		}
	}
	return nil
}

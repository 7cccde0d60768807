package dnsclient

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// Update is a change of a zone (RFC 2136): all of it is made, or nothing.
//
// Lines are as in a zone file, with names below the zone. Add takes whole
// records, Replace too: the first of a name and type takes the place of those
// that are there. Delete takes "name", "name TYPE" or a whole record.
// Require and Absent are what must be, or must not be, there before: "name",
// "name TYPE", and for Require a whole record.
type Update struct {
	Zone                                  string
	TTL                                   uint32 // of records without one
	Add, Delete, Replace, Require, Absent []string
}

// updateSection collects records on their way.
type updateSection struct {
	wire  []byte
	count uint16
}

func (s *updateSection) put(name string, rtype, class uint16, ttl uint32, data []byte) error {
	owner, err := packName(name)
	if err != nil {
		return err
	}
	s.wire = appendRecord(s.wire, owner, rtype, class, ttl, data)
	s.count++
	return nil
}

// message writes the update.
func (u Update) message() ([]byte, error) {
	zone, err := Absolute(u.Zone)
	if err != nil {
		return nil, err
	}
	u.Zone = zone
	var before, changes updateSection
	for _, step := range []func() error{
		func() error { return u.require(&before) },
		func() error { return u.replace(&changes) },
		func() error { return u.delete(&changes) },
		func() error { return u.add(&changes, u.Add) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if before.count+changes.count == 0 {
		return nil, fault.New(fault.Usage, "there is nothing to update").WithHint("give add, delete, replace or require")
	}
	b := make([]byte, 12)
	binary.BigEndian.PutUint16(b, uint16(rand.Uint32()))
	b[2], b[5] = dns.OpcodeUpdate<<3, 1
	binary.BigEndian.PutUint16(b[6:], before.count)
	binary.BigEndian.PutUint16(b[8:], changes.count)
	name, _ := packName(zone)
	b = append(append(b, name...), 0, byte(dns.TypeSOA), 0, byte(dns.ClassINET))
	b = append(append(b, before.wire...), changes.wire...)
	if len(b) > 60000 {
		return nil, fault.New(fault.Usage, "the update is larger than a message can be").WithHint("split it; each part is made or not")
	}
	return b, nil
}

func (u Update) add(s *updateSection, lines []string) error {
	for _, line := range lines {
		r, err := ParseRecord(line, u.Zone, u.TTL)
		if err == nil {
			err = u.inside(r.Name)
		}
		if err != nil {
			return err
		}
		if err := s.put(r.Name, r.Type, dns.ClassINET, r.TTL, r.Wire); err != nil {
			return err
		}
	}
	return nil
}

func (u Update) inside(name string) error {
	if !Within(name, u.Zone) {
		return fault.New(fault.Usage, "%s is not in the zone %s", name, u.Zone)
	}
	return nil
}

// replace removes what is there of each name and type once, then adds.
func (u Update) replace(s *updateSection) error {
	cleared := map[string]bool{}
	for _, line := range u.Replace {
		r, err := ParseRecord(line, u.Zone, u.TTL)
		if err != nil {
			return err
		}
		if id := fmt.Sprint(key(r.Name), r.Type); !cleared[id] {
			cleared[id] = true
			if err := s.put(r.Name, r.Type, dns.ClassANY, 0, nil); err != nil {
				return err
			}
		}
		if err := u.add(s, []string{line}); err != nil {
			return err
		}
	}
	return nil
}

func (u Update) delete(s *updateSection) error {
	for _, line := range u.Delete {
		name, rtype, record, err := u.pattern(line)
		switch {
		case err != nil:
			return err
		case record != nil:
			err = s.put(name, rtype, dns.ClassNONE, 0, record.Wire)
		default:
			err = s.put(name, rtype, dns.ClassANY, 0, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (u Update) require(s *updateSection) error {
	for _, line := range u.Require {
		name, rtype, record, err := u.pattern(line)
		switch {
		case err != nil:
			return err
		case record != nil:
			err = s.put(name, rtype, dns.ClassINET, 0, record.Wire)
		default:
			err = s.put(name, rtype, dns.ClassANY, 0, nil)
		}
		if err != nil {
			return err
		}
	}
	for _, line := range u.Absent {
		name, rtype, record, err := u.pattern(line)
		if err == nil && record != nil {
			err = fault.New(fault.Usage, "absent: %q: name a name, or a name and a type", line)
		}
		if err == nil {
			err = s.put(name, rtype, dns.ClassNONE, 0, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pattern reads "name", "name TYPE" or a record.
func (u Update) pattern(line string) (name string, rtype uint16, record *Record, err error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "", 0, nil, fault.New(fault.Usage, "an empty line names nothing")
	}
	if len(words) > 2 {
		r, err := ParseRecord(line, u.Zone, u.TTL)
		if err != nil {
			return "", 0, nil, err
		}
		return r.Name, r.Type, &r, u.inside(r.Name)
	}
	rtype = dns.TypeANY
	if len(words) == 2 {
		if rtype, err = Type(words[1]); err != nil {
			return "", 0, nil, err
		}
	}
	switch name = words[0]; {
	case name == "@":
		name = u.Zone
	case !dns.IsFqdn(name):
		name += "." + strings.TrimPrefix(u.Zone, ".")
	}
	if name, err = Absolute(name); err != nil {
		return "", 0, nil, err
	}
	return name, rtype, nil, u.inside(name)
}

// Update sends a change of a zone to the first server.
func (r *Resolver) Update(ctx context.Context, u Update) error {
	b, err := u.message()
	if err != nil {
		return err
	}
	return r.command(ctx, b, fmt.Sprintf("update of %s", u.Zone))
}

// Primary gives a resolver that asks the primary server of a zone, as its SOA
// names it.
func (r *Resolver) Primary(ctx context.Context, zone string, port int) (*Resolver, error) {
	a, err := r.Query(ctx, zone, dns.TypeSOA)
	if err != nil {
		return nil, err
	}
	if err := a.Err(); err != nil {
		return nil, fault.Wrap(fault.KindOf(err), err, "which server has %s", zone).WithHint("give the server")
	}
	found, err := r.Query(ctx, a.Records[0].str("mname"), dns.TypeA)
	if err != nil {
		return nil, err
	}
	if err := found.Err(); err != nil {
		return nil, fault.Wrap(fault.KindOf(err), err, "the primary server of %s", zone).WithHint("give the server")
	}
	server, err := ParseServer(found.Records[0].Text, port)
	if err != nil {
		return nil, err
	}
	return r.With(func(o *Options) { o.Servers = []Server{server} }), nil
}

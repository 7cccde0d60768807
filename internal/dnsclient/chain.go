package dnsclient

import (
	"context"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// The chain of trust: from an anchor down to the zone of a name.

// zoneOf finds the zone that speaks for a name and a type, and its keys.
func (v *validator) zoneOf(ctx context.Context, name string, qtype uint16) (zoneKeys, error) {
	if qtype == dns.TypeDS && name != "." {
		name = Parent(name)
	}
	zone, err := v.anchor(ctx, name)
	if err != nil {
		return zoneKeys{}, err
	}
	labels := Labels(name)
	for i := len(labels) - countZoneLabels(zone.zone) - 1; i >= 0; i-- {
		below := strings.Join(labels[i:], ".") + "."
		if known, ok := v.known[key(below)]; ok {
			zone = known
			continue
		}
		if zone, err = v.descend(ctx, zone, below); err != nil {
			return zoneKeys{}, err
		}
		v.known[key(below)] = zone
	}
	return zone, nil
}

func countZoneLabels(zone string) int { return len(Labels(zone)) }

// anchor gives the keys of the trust anchor that is nearest above a name.
func (v *validator) anchor(ctx context.Context, name string) (zoneKeys, error) {
	var near []Record
	for _, a := range v.anchors {
		switch {
		case !Within(name, a.Name):
		case len(near) == 0 || countZoneLabels(a.Name) > countZoneLabels(near[0].Name):
			near = []Record{a}
		case SameName(a.Name, near[0].Name):
			near = append(near, a)
		}
	}
	if len(near) == 0 {
		return zoneKeys{}, fmt.Errorf("%w: no trust anchor is above %s", errInsecure, name)
	}
	if known, ok := v.known["anchor "+key(near[0].Name)]; ok {
		return known, nil
	}
	zone, err := v.keys(ctx, near[0].Name, near)
	if err == nil {
		v.known["anchor "+key(near[0].Name)] = zone
	}
	return zone, err
}

// keys fetches the keys of a zone. One that the trusted records name must have
// signed them all.
func (v *validator) keys(ctx context.Context, zone string, trusted []Record) (zoneKeys, error) {
	a, err := v.resolver.Query(ctx, zone, dns.TypeDNSKEY)
	if err != nil {
		return zoneKeys{}, err
	}
	if a.Status != StatusOK {
		return zoneKeys{}, fmt.Errorf("no keys of %s: %s", zone, a.Status)
	}
	all, entry := zoneKeys{zone: zone}, zoneKeys{zone: zone}
	for _, r := range a.Records {
		rr, err := r.library()
		if k, ok := rr.(*dns.DNSKEY); err == nil && ok && k.Flags&dns.ZONE != 0 && k.Protocol == 3 && k.Flags&dns.REVOKE == 0 {
			all.keys = append(all.keys, k)
			if isTrusted(k, trusted) {
				entry.keys = append(entry.keys, k)
			}
		}
	}
	if len(entry.keys) == 0 {
		return zoneKeys{}, fmt.Errorf("no key of %s is the one that is trusted", zone)
	}
	if _, err := v.verify(entry, a.Records, a.Message.Answer); err != nil {
		return zoneKeys{}, err
	}
	return all, nil
}

func isTrusted(k *dns.DNSKEY, trusted []Record) bool {
	for _, r := range trusted {
		rr, err := r.library()
		if err != nil {
			continue
		}
		switch t := rr.(type) {
		case *dns.DS:
			if made := k.ToDS(t.DigestType); made != nil && made.KeyTag == t.KeyTag && t.Algorithm == k.Algorithm && strings.EqualFold(made.Digest, t.Digest) {
				return true
			}
		case *dns.DNSKEY:
			if t.PublicKey == k.PublicKey && t.Algorithm == k.Algorithm {
				return true
			}
		}
	}
	return false
}

// descend goes one label down: into a zone below when there is one.
func (v *validator) descend(ctx context.Context, zone zoneKeys, below string) (zoneKeys, error) {
	a, err := v.resolver.With(func(o *Options) { o.Stay = true }).Query(ctx, below, dns.TypeDS)
	if err != nil {
		return zoneKeys{}, err
	}
	if a.Status.failed() {
		return zoneKeys{}, fmt.Errorf("no answer about DS of %s: %s", below, a.Status)
	}
	var ds []Record
	for _, r := range a.Message.Answer {
		if r.Type == dns.TypeDS && SameName(r.Name, below) {
			ds = append(ds, r)
		}
	}
	if len(ds) == 0 {
		return zone, v.noDelegation(zone, below, a)
	}
	if _, err := v.verify(zone, ds, a.Message.Answer); err != nil {
		return zoneKeys{}, err
	}
	usable := false
	for _, r := range ds {
		usable = usable || supportedDS(r)
	}
	if !usable {
		return zoneKeys{}, fmt.Errorf("%w: %s is signed in a way that is not known here", errInsecure, below)
	}
	return v.keys(ctx, below, ds)
}

func supportedDS(r Record) bool {
	algorithm, digest := r.num("algorithm"), r.num("digest_type")
	return (algorithm == 5 || algorithm == 7 || algorithm == 8 || algorithm == 10 || algorithm >= 13 && algorithm <= 15) &&
		(digest == 1 || digest == 2 || digest == 4)
}

// noDelegation checks that there is no signed zone below: either the name is in
// this zone, or its zone is provably not signed.
func (v *validator) noDelegation(zone zoneKeys, below string, a *Answer) error {
	if len(a.Message.Answer) > 0 {
		return nil // an alias: the name is in this zone, and is checked itself
	}
	proof, err := v.proof(zone, a.Message)
	if err != nil {
		return err
	}
	if a.Status == StatusNXDomain {
		return proof.noName(below)
	}
	if err := proof.noData(below, dns.TypeDS); err != nil {
		return err
	}
	if proof.unsignedCut(below) {
		return fmt.Errorf("%w: %s has no DS", errInsecure, below)
	}
	return nil
}

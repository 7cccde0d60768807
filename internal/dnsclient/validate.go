package dnsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// RootAnchors are the keys of the root of the Internet (IANA, 2017 and 2024).
var RootAnchors = []string{
	". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
}

// What a validated answer can be.
const (
	Secure   = "secure"   // signed, up to a trust anchor
	Insecure = "insecure" // provably not signed
	Bogus    = "bogus"    // it should be signed, and is not, or wrongly
)

// maxSignatures bounds the work that one question can cause.
const maxSignatures = 100

// zoneKeys are the keys of a zone that has been reached.
type zoneKeys struct {
	zone string
	keys []*dns.DNSKEY
}

// validator walks from a trust anchor down to an answer.
type validator struct {
	resolver *Resolver
	anchors  []Record
	now      time.Time
	known    map[string]zoneKeys // by name: the zone it is in
	checked  int                 // signatures
}

// errInsecure ends the walk: from here on nothing is signed, provably.
var errInsecure = errors.New("the zone is not signed")

// Validate asks, and checks the signatures of the answer up to a trust anchor
// (DS or DNSKEY records of a zone above the name). The answer's Security says
// what it is; a bogus one has the status bogus.
func (r *Resolver) Validate(ctx context.Context, name string, qtype uint16, anchors []Record) (*Answer, error) {
	for _, a := range anchors {
		if a.Type != dns.TypeDS && a.Type != dns.TypeDNSKEY {
			return nil, fault.New(fault.Usage, "a trust anchor is a DS or a DNSKEY record, not %s", a.TypeName())
		}
	}
	limited, stop := context.WithTimeout(ctx, r.options.Timeout)
	defer stop()
	v := &validator{anchors: anchors, now: time.Now(), known: map[string]zoneKeys{}, resolver: r.With(func(o *Options) {
		o.DNSSEC, o.CheckOff = true, true
		if o.EDNS == 0 {
			o.EDNS = 1232
		}
	})}
	a, err := v.resolver.Query(limited, name, qtype)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || a.Status.failed() || a.Status == StatusLoop {
		return a, err
	}
	switch err := v.answer(limited, a); {
	case err == nil:
		a.Security = Secure
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		a.Status = StatusTimeout
	case errors.Is(err, errInsecure):
		a.Security, a.Reason = Insecure, err.Error()
	default:
		a.Security, a.Status, a.Reason = Bogus, StatusBogus, err.Error()
	}
	return a, nil
}

// answer checks what was given, and what was said not to be there.
func (v *validator) answer(ctx context.Context, a *Answer) error {
	all := &Message{}
	for _, m := range append(slices.Clone(a.earlier), a.Message) {
		all.Answer, all.Authority = append(all.Answer, m.Answer...), append(all.Authority, m.Authority...)
	}
	for _, set := range rrsets(slices.Concat(a.Chain, a.Records)) {
		if err := v.set(ctx, set, all); err != nil {
			return err
		}
	}
	if a.Status == StatusOK {
		return nil
	}
	zone, err := v.zoneOf(ctx, a.Canonical, a.Question.Type)
	if err != nil {
		return err
	}
	proof, err := v.proof(zone, a.Message)
	if err != nil {
		return err
	}
	if a.Status == StatusNXDomain {
		return proof.noName(a.Canonical)
	}
	return proof.noData(a.Canonical, a.Question.Type)
}

// rrsets groups records of one name and type; signatures are left out.
func rrsets(records []Record) [][]Record {
	var sets [][]Record
	index := map[string]int{}
	for _, r := range records {
		if r.Type == dns.TypeRRSIG {
			continue
		}
		id := fmt.Sprint(key(r.Name), " ", r.Type)
		at, ok := index[id]
		if !ok {
			at = len(sets)
			index[id], sets = at, append(sets, nil)
		}
		sets[at] = append(sets[at], r)
	}
	return sets
}

// set checks one RRset of an answer.
func (v *validator) set(ctx context.Context, set []Record, m *Message) error {
	zone, err := v.zoneOf(ctx, set[0].Name, set[0].Type)
	if err != nil {
		return err
	}
	if set[0].Type == dns.TypeCNAME && fromDNAME(set[0], m) {
		return nil // made of a DNAME, which is signed itself
	}
	labels, err := v.verify(zone, set, slices.Concat(m.Answer, m.Authority))
	if err != nil {
		return err
	}
	if labels >= countLabels(set[0].Name) {
		return nil
	}
	proof, err := v.proof(zone, m) // made of a wildcard: the name itself must not be there
	if err != nil {
		return err
	}
	return proof.wildcard(set[0].Name, labels)
}

// countLabels counts as RRSIG does: without a leading asterisk.
func countLabels(name string) int {
	labels := Labels(name)
	if len(labels) > 0 && labels[0] == "*" {
		return len(labels) - 1
	}
	return len(labels)
}

func fromDNAME(alias Record, m *Message) bool {
	for _, r := range m.Answer {
		if r.Type == dns.TypeDNAME && Within(alias.Name, r.Name) && !SameName(alias.Name, r.Name) {
			head := alias.Name[:len(alias.Name)-len(r.Name)]
			return SameName(head+r.str("target"), alias.str("target"))
		}
	}
	return false
}

// verify finds a signature of an RRset that one of the keys made, and tells how
// many labels the signed name has.
func (v *validator) verify(zone zoneKeys, set, among []Record) (labels int, err error) {
	what := set[0].Name + " " + set[0].TypeName()
	list := make([]dns.RR, len(set))
	for i, r := range set {
		if list[i], err = r.library(); err != nil {
			return 0, err
		}
	}
	err = fmt.Errorf("%s is not signed", what)
	for _, r := range among {
		if r.Type != dns.TypeRRSIG || !SameName(r.Name, set[0].Name) || r.str("type_covered") != set[0].TypeName() || !SameName(r.str("signer"), zone.zone) {
			continue
		}
		rr, bad := r.library()
		sig, ok := rr.(*dns.RRSIG)
		if bad != nil || !ok {
			continue
		}
		if err = v.signature(zone, sig, list, what); err == nil {
			return int(sig.Labels), nil
		}
	}
	return 0, err
}

func (v *validator) signature(zone zoneKeys, sig *dns.RRSIG, list []dns.RR, what string) error {
	if !sig.ValidityPeriod(v.now) {
		return fmt.Errorf("the signature of %s is valid from %s to %s only", what, dns.TimeToString(sig.Inception), dns.TimeToString(sig.Expiration))
	}
	for _, k := range zone.keys {
		if k.KeyTag() != sig.KeyTag || k.Algorithm != sig.Algorithm {
			continue
		}
		if v.checked++; v.checked > maxSignatures {
			return fmt.Errorf("more than %d signatures to check", maxSignatures)
		}
		if sig.Verify(k, list) == nil {
			return nil
		}
	}
	return fmt.Errorf("the signature of %s is not one of the zone %s", what, zone.zone)
}

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

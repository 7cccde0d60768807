package dnsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

package dnsclient

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Probe is what one server says of a name, for monitoring.
type Probe struct {
	Server  string
	Status  Status
	Texts   []string // its records, sorted
	Serial  int64    // of the zone, -1 when unknown
	Elapsed time.Duration
	Missing []string // expected and not there
	Extra   []string // there and not expected
	Problem string   // "" when all is well
}

// Verdict is what all servers together come to.
type Verdict struct {
	Probes   []Probe
	OK       bool
	Agree    bool // all that answered have the same records
	Serials  bool // all that told a serial told the same
	Slowest  time.Duration
	Problems []string
}

// Check asks each of the resolver's servers at once, and compares what they
// say with each other and with what is expected (nil: anything but failure).
func (r *Resolver) Check(ctx context.Context, name string, qtype uint16, expect []string, slow time.Duration) (*Verdict, error) {
	absolute, err := Absolute(name)
	if err != nil {
		return nil, err
	}
	v := &Verdict{Probes: make([]Probe, len(r.options.Servers))}
	var wait sync.WaitGroup
	errs := make([]error, len(v.Probes))
	for i, server := range r.options.Servers {
		wait.Go(func() {
			one := r.With(func(o *Options) { o.Servers = []Server{server} })
			v.Probes[i], errs[i] = one.probe(ctx, absolute, qtype)
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	v.judge(normalTexts(qtype, absolute, expect), slow)
	return v, nil
}

// normalTexts writes what is expected as answers have it: "10 MAIL.example.com."
// as records print, if it can be read as a record.
func normalTexts(qtype uint16, name string, expect []string) []string {
	if expect == nil {
		return nil
	}
	texts := []string{}
	for _, text := range expect {
		line := fmt.Sprintf("%s 0 IN %s %s", name, dns.Type(qtype), text)
		if r, err := ParseRecord(line, ".", 0); err == nil {
			text = r.Text
		}
		texts = append(texts, strings.ToLower(text))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

func (r *Resolver) probe(ctx context.Context, name string, qtype uint16) (Probe, error) {
	p := Probe{Server: r.options.Servers[0].String(), Serial: -1, Texts: []string{}}
	a, err := r.Query(ctx, name, qtype)
	if err != nil {
		return p, err
	}
	p.Status = a.Status
	for i, t := range a.Tried { // the time of the server, not of those before
		if i == len(a.Tried)-1 {
			p.Elapsed = t.Elapsed
		}
	}
	for _, record := range a.Records {
		p.Texts = append(p.Texts, record.Text)
	}
	slices.Sort(p.Texts)
	if err := a.Err(); err != nil && a.Status != StatusNoData && a.Status != StatusNXDomain {
		p.Problem = err.Error()
		return p, nil
	}
	p.Serial, err = r.serial(ctx, name)
	return p, err
}

// serial asks for the SOA of the zone that a name is in.
func (r *Resolver) serial(ctx context.Context, name string) (int64, error) {
	a, err := r.Query(ctx, name, dns.TypeSOA)
	if err != nil {
		return -1, err
	}
	found := a.Records
	if a.Message != nil {
		found = append(found, a.Message.Authority...)
	}
	for _, record := range found {
		if record.Type == dns.TypeSOA {
			return record.num("serial"), nil
		}
	}
	return -1, nil
}

// judge compares.
func (v *Verdict) judge(expect []string, slow time.Duration) {
	v.Agree, v.Serials = true, true
	var texts, serial *Probe
	for i := range v.Probes {
		p := &v.Probes[i]
		v.Slowest = max(v.Slowest, p.Elapsed)
		if p.Problem == "" {
			p.compare(expect, slow)
		}
		if p.Problem != "" {
			v.Problems = append(v.Problems, p.Server+": "+p.Problem)
		}
		if p.Status.heard() && !p.Status.failed() {
			if texts == nil {
				texts = p
			}
			v.Agree = v.Agree && p.Status == texts.Status && slices.Equal(folded(p.Texts), folded(texts.Texts))
		}
		if p.Serial >= 0 {
			if serial == nil {
				serial = p
			}
			v.Serials = v.Serials && p.Serial == serial.Serial
		}
	}
	if !v.Agree {
		v.Problems = append(v.Problems, "the servers do not give the same answer")
	}
	if !v.Serials {
		v.Problems = append(v.Problems, "the servers do not have the same serial")
	}
	v.OK = len(v.Problems) == 0
}

func folded(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = strings.ToLower(text)
	}
	slices.Sort(out)
	return out
}

// compare finds what is missing, what is too much, and slowness.
func (p *Probe) compare(expect []string, slow time.Duration) {
	got := folded(p.Texts)
	switch {
	case expect == nil && p.Status != StatusOK:
		p.Problem = "answered " + string(p.Status)
	case expect != nil:
		for _, text := range expect {
			if !slices.Contains(got, text) {
				p.Missing = append(p.Missing, text)
			}
		}
		for _, text := range got {
			if !slices.Contains(expect, text) {
				p.Extra = append(p.Extra, text)
			}
		}
	}
	var problems []string
	if len(p.Missing) > 0 {
		problems = append(problems, "missing "+strings.Join(p.Missing, ", "))
	}
	if len(p.Extra) > 0 {
		problems = append(problems, "not expected "+strings.Join(p.Extra, ", "))
	}
	if slow > 0 && p.Elapsed > slow {
		problems = append(problems, fmt.Sprintf("took %s, more than %s", p.Elapsed.Round(time.Millisecond), slow))
	}
	if p.Problem == "" {
		p.Problem = strings.Join(problems, "; ")
	}
}

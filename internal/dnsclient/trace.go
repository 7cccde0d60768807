package dnsclient

import (
	"context"
	"strings"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/fault"
)

// Step is one server on the way from the root to an answer.
type Step struct {
	Zone     string // the zone it was asked for
	Server   string // its name
	Address  string
	Status   Status
	Referral []Record // where it sends us
	Answer   []Record
	Elapsed  time.Duration
	Problem  string
}

// Root is a server to begin with.
type Root struct{ Name, Address string }

// Roots are the root servers of the Internet.
var Roots = []Root{
	{"a.root-servers.net.", "198.41.0.4"}, {"b.root-servers.net.", "170.247.170.2"}, {"c.root-servers.net.", "192.33.4.12"},
	{"d.root-servers.net.", "199.7.91.13"}, {"e.root-servers.net.", "192.203.230.10"}, {"f.root-servers.net.", "192.5.5.241"},
	{"g.root-servers.net.", "192.112.36.4"}, {"h.root-servers.net.", "198.97.190.53"}, {"i.root-servers.net.", "192.36.148.17"},
	{"j.root-servers.net.", "192.58.128.30"}, {"k.root-servers.net.", "193.0.14.129"}, {"l.root-servers.net.", "199.7.83.42"},
	{"m.root-servers.net.", "202.12.27.33"},
}

const (
	maxSteps = 64 // servers asked for one name
	maxDepth = 8  // names of servers looked up for other names
)

// tracer walks the tree of zones. All servers are asked on one port.
type tracer struct {
	resolver *Resolver
	roots    []Root
	port     int
	steps    []Step
	asked    int
}

// Trace asks from the root down, one zone after the other, without recursion,
// and gives every step. Aliases are followed from the root again. The last step
// has the answer; an error is misuse or the end of ctx.
func (r *Resolver) Trace(ctx context.Context, name string, qtype uint16, roots []Root, port int) ([]Step, error) {
	absolute, err := Absolute(name)
	if err != nil {
		return nil, err
	}
	if len(roots) == 0 {
		roots = Roots
	}
	limited, stop := context.WithTimeout(ctx, r.options.Timeout)
	defer stop()
	t := &tracer{roots: roots, port: port, resolver: r.With(func(o *Options) {
		o.NoRD, o.Retries, o.Key = true, 0, nil
	})}
	for range maxAliases {
		a, err := t.walk(limited, absolute, qtype, 0)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if a == nil || a.Status != StatusOK || len(a.Records) > 0 || SameName(a.Canonical, absolute) {
			return t.steps, nil
		}
		absolute = a.Canonical
	}
	return t.steps, nil
}

// walk goes down to the zone of a name. Depth counts the lookups of servers'
// addresses inside one another; those leave no steps.
func (t *tracer) walk(ctx context.Context, name string, qtype uint16, depth int) (*Answer, error) {
	zone, servers := ".", t.roots
	for {
		a, step, err := t.askAny(ctx, zone, servers, name, qtype, depth)
		if err != nil || a == nil || a.Status == StatusNXDomain {
			return a, err
		}
		cut, names := referral(a.Message, zone, name)
		step.Referral = names
		if cut == "" {
			return a, nil
		}
		if servers, err = t.addresses(ctx, a.Message, names, depth); err != nil {
			return nil, err
		}
		if len(servers) == 0 {
			t.note(depth, Step{Zone: cut, Status: StatusUnreachable, Problem: "no name server of " + cut + " has an address"})
			return nil, nil
		}
		zone = cut
	}
}

// askAny asks the servers of a zone until one answers.
func (t *tracer) askAny(ctx context.Context, zone string, servers []Root, name string, qtype uint16, depth int) (*Answer, *Step, error) {
	for _, s := range servers {
		if t.asked++; t.asked > maxSteps {
			return nil, nil, fault.New(fault.Protocol, "%s: gave up after %d servers", name, maxSteps)
		}
		server, err := ParseServer(s.Address, t.port)
		if err != nil {
			return nil, nil, err
		}
		one := t.resolver.With(func(o *Options) { o.Servers = []Server{server}; o.Attempt = min(o.Timeout, 3*time.Second) })
		a, err := one.Query(ctx, name, qtype)
		if err != nil {
			if ctx.Err() == nil {
				return nil, nil, err
			}
			return nil, nil, fault.New(fault.Timeout, "%s: no answer in time at %s", name, zone)
		}
		step := t.note(depth, Step{Zone: zone, Server: s.Name, Address: server.String(), Status: a.Status, Elapsed: a.Elapsed})
		if a.Status.failed() {
			step.Problem = fault.From(a.Err()).Message
			continue
		}
		if a.Message != nil {
			step.Answer = append(append([]Record{}, a.Chain...), a.Records...)
		}
		return a, step, nil
	}
	return nil, nil, nil
}

func (t *tracer) note(depth int, s Step) *Step {
	if depth > 0 {
		return &s
	}
	t.steps = append(t.steps, s)
	return &t.steps[len(t.steps)-1]
}

// referral finds the delegation in a message: name servers of a zone between
// the one that was asked and the name.
func referral(m *Message, zone, name string) (cut string, names []Record) {
	if len(m.Answer) > 0 || m.Has("aa") {
		return "", nil
	}
	for _, r := range m.Authority {
		if r.Type == dns.TypeNS && Within(r.Name, zone) && !SameName(r.Name, zone) && Within(name, r.Name) {
			cut = r.Name
			names = append(names, r)
		}
	}
	return cut, names
}

// addresses finds where the servers of a delegation are: in the glue, and else
// by asking from the root. Glue counts only for names that the zone above may
// speak for.
func (t *tracer) addresses(ctx context.Context, m *Message, names []Record, depth int) ([]Root, error) {
	var servers []Root
	for _, ns := range names {
		host := ns.str("target")
		for _, r := range m.Additional {
			if SameName(r.Name, host) && r.Type == dns.TypeA && Within(host, Parent(ns.Name)) {
				servers = append(servers, Root{host, r.Text})
			}
		}
	}
	for _, ns := range names {
		if len(servers) > 0 || depth >= maxDepth {
			break
		}
		a, err := t.walk(ctx, ns.str("target"), dns.TypeA, depth+1)
		if err != nil {
			return nil, err
		}
		if a == nil {
			continue
		}
		for _, r := range a.Records {
			servers = append(servers, Root{ns.str("target"), r.Text})
		}
	}
	return servers, nil
}

// ParseRoots reads addresses, or "name address" pairs.
func ParseRoots(texts []string) []Root {
	var roots []Root
	for _, text := range texts {
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		roots = append(roots, Root{words[0], words[len(words)-1]})
	}
	return roots
}

// RootServers asks for the servers of the root and their addresses.
func (r *Resolver) RootServers(ctx context.Context) ([]Root, error) {
	a, err := r.Query(ctx, ".", dns.TypeNS)
	if err != nil {
		return nil, err
	}
	if err := a.Err(); err != nil {
		return nil, err
	}
	var roots []Root
	for _, ns := range a.Records {
		found, err := r.Query(ctx, ns.str("target"), dns.TypeA)
		if err != nil {
			return nil, err
		}
		for _, address := range found.Records {
			roots = append(roots, Root{ns.str("target"), address.Text})
		}
	}
	return roots, nil
}

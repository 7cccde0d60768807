package dns

import (
	"net/netip"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/dnsclient"
	"gofab/internal/fault"
)

// resolver is the object of dns.resolver.
type resolver struct{ engine *dnsclient.Resolver }

func (r *resolver) servers() []string {
	texts := []string{}
	for _, s := range r.engine.Options().Servers {
		texts = append(texts, s.String())
	}
	return texts
}

type resolverArgs struct {
	settings
	Search *[]string `lua:"search" doc:"Domains in which names are looked for; else the system's."`
	Cache  bool      `lua:"cache" default:"false" doc:"Keep answers as long as their TTL allows, those about absent names too."`
	Ndots  *int      `lua:"ndots" doc:"A name with so many dots is tried as it is first; else what the system says, or 1."`
}

func newResolver(c *kit.Call, a resolverArgs) (*resolver, error) {
	o, err := a.options(c)
	if err != nil {
		return nil, err
	}
	o.Cache = a.Cache
	replace(&o.Search, a.Search)
	replace(&o.Ndots, a.Ndots)
	engine, err := dnsclient.NewResolver(pool(c), o)
	if err != nil {
		return nil, err
	}
	return &resolver{engine}, nil
}

// question is what is asked, and how the answer is given.
type question struct {
	Name     string `lua:"name,arg1" doc:"Domain name; international ones are accepted."`
	Type     string `lua:"type,arg2" default:"A" doc:"Record type: A, MX, TYPE65280, ANY, ..."`
	Class    string `lua:"class" default:"IN" enum:"IN|CH|HS|ANY" doc:"Class; CH for version.bind and its like."`
	Check    bool   `lua:"check" default:"true" doc:"Raise when there is no record; false gives the answer all the same."`
	Sections bool   `lua:"sections" default:"false" doc:"Give all sections of the message as well."`
	Search   bool   `lua:"search" default:"false" doc:"Look for the name in the domains of the search list too."`
	validation
}

var classes = map[string]uint16{"IN": 1, "CH": 3, "HS": 4, "ANY": 255}

type queryArgs struct {
	question
	settings
}

func query(c *kit.Call, a queryArgs) (answer, error) {
	engine, err := a.open(c)
	if err != nil {
		return answer{}, err
	}
	return resolverQuery(c, &resolver{engine}, a.question)
}

func resolverQuery(c *kit.Call, r *resolver, q question) (answer, error) {
	code, err := dnsclient.Type(q.Type)
	if err != nil {
		return answer{}, err
	}
	names := []string{q.Name}
	if q.Search {
		names = dnsclient.Candidates(q.Name, r.engine.Options().Search, r.engine.Options().Ndots)
	}
	out, err := r.first(c, names, func(name string) (*dnsclient.Answer, error) {
		if q.Validate {
			return q.validate(c, r.engine, name, code)
		}
		return r.engine.QueryClass(c.Context, name, code, classes[q.Class])
	})
	if err != nil {
		return answer{}, err
	}
	a := answerOf(out, q.Sections)
	if q.Check {
		return a, a.err()
	}
	return a, nil
}

// first asks for one name after the other until there is an answer. What the
// first came to stands when none has.
func (r *resolver) first(c *kit.Call, names []string, ask func(string) (*dnsclient.Answer, error)) (best *dnsclient.Answer, err error) {
	for _, name := range names {
		a, err := ask(name)
		if err != nil {
			return nil, err
		}
		if a.Status == dnsclient.StatusOK {
			return a, nil
		}
		if best == nil || best.Status == dnsclient.StatusNXDomain {
			best = a
		}
		if a.Status != dnsclient.StatusNXDomain && a.Status != dnsclient.StatusNoData {
			return a, nil
		}
	}
	return best, c.Context.Err()
}

// batch is many questions.
type batch struct {
	Names    []string `lua:"names,arg1" doc:"Domain names."`
	Type     string   `lua:"type,arg2" default:"A" doc:"Record type."`
	Parallel int      `lua:"parallel" default:"64" doc:"How many are asked at a time."`
	Sections bool     `lua:"sections" default:"false" doc:"Give all sections of the messages as well."`
}

type batchArgs struct {
	batch
	settings
}

func queryMany(c *kit.Call, a batchArgs) ([]answer, error) {
	engine, err := a.open(c)
	if err != nil {
		return nil, err
	}
	return resolverQueryMany(c, &resolver{engine}, a.batch)
}

func resolverQueryMany(c *kit.Call, r *resolver, b batch) ([]answer, error) {
	code, err := dnsclient.Type(b.Type)
	if err != nil {
		return nil, err
	}
	if b.Parallel < 1 || b.Parallel > 10000 {
		return nil, fault.New(fault.Usage, "parallel: %d is out of range (1 to 10000)", b.Parallel)
	}
	answers, errs := make([]answer, len(b.Names)), make([]error, len(b.Names))
	indexes := make(chan int)
	var wait sync.WaitGroup
	for range min(b.Parallel, len(b.Names)) {
		wait.Go(func() {
			for i := range indexes {
				a, err := r.engine.Query(c.Context, b.Names[i], code)
				if errs[i] = err; err == nil {
					answers[i] = answerOf(a, b.Sections)
				}
			}
		})
	}
	for i := range b.Names {
		indexes <- i
	}
	close(indexes)
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fault.Wrap(fault.KindOf(err), err, "names[%d]", i+1)
		}
	}
	return answers, nil
}

// target is a name whose addresses are wanted.
type target struct {
	Name   string `lua:"name,arg1" doc:"Domain name."`
	Family string `lua:"family" default:"any" enum:"any|ipv4|ipv6" doc:"Which addresses."`
	validation
}

type lookupArgs struct {
	target
	settings
}

func lookup(c *kit.Call, a lookupArgs) ([]string, error) {
	engine, err := a.open(c)
	if err != nil {
		return nil, err
	}
	return resolverLookup(c, &resolver{engine}, a.target)
}

var families = map[string][]string{"any": {"A", "AAAA"}, "ipv4": {"A"}, "ipv6": {"AAAA"}}

func resolverLookup(c *kit.Call, r *resolver, t target) ([]string, error) {
	if a, err := netip.ParseAddr(t.Name); err == nil {
		return []string{a.String()}, nil
	}
	kinds := families[t.Family]
	answers, errs := make([]answer, len(kinds)), make([]error, len(kinds))
	var wait sync.WaitGroup
	for i, kind := range kinds {
		wait.Go(func() {
			answers[i], errs[i] = resolverQuery(c, r, question{Name: t.Name, Type: kind, Class: "IN", Search: true, validation: t.validation})
		})
	}
	wait.Wait()
	addresses := []string{}
	var failure error
	for i, a := range answers {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for _, r := range a.Records {
			addresses = append(addresses, r["address"].(string))
		}
		if failure == nil || a.Status != "nodata" {
			failure = a.err()
		}
	}
	if len(addresses) == 0 {
		return nil, failure
	}
	return addresses, nil
}

// host is an address whose names are wanted.
type host struct {
	Address string `lua:"address,arg1" doc:"IPv4 or IPv6 address."`
}

type reverseArgs struct {
	host
	settings
}

func reverse(c *kit.Call, a reverseArgs) ([]string, error) {
	engine, err := a.open(c)
	if err != nil {
		return nil, err
	}
	return resolverReverse(c, &resolver{engine}, a.host)
}

func resolverReverse(c *kit.Call, r *resolver, h host) ([]string, error) {
	name, err := dnsclient.ReverseName(h.Address)
	if err != nil {
		return nil, err
	}
	a, err := resolverQuery(c, r, question{Name: name, Type: "PTR", Class: "IN", Check: true})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, r := range a.Records {
		names = append(names, r["target"].(string))
	}
	return names, nil
}

package host

import (
	"context"
	"math/rand/v2"
	"slices"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/runtime/inventory"
)

// Groups out of groups: fewer hosts, parts, another order. Scopes stay with the
// hosts.

func chooseMethods() []kit.Func {
	return []kit.Func{
		kit.Method("limit", "Give the hosts of the group that an expression means as well.", limit).With(
			`local g = hosts("web1, web2, web3"):limit("web[2-9]")
assert(#g == 2)`),
		kit.Method("exclude", "Give the hosts of the group that an expression does not mean.", exclude).With(
			`assert(tostring(hosts("web1, web2, web3"):exclude("web2")) == "web[1,3]")`),
		kit.Method("sample", "Give so many hosts of the group by chance, in its order.", sample).With(
			`assert(#hosts("web1, web2, web3"):sample(2, { seed = 7 }) == 2)`),
		kit.Method("split", "Cut the group into parts of nearly the same size; there are fewer of them when it has fewer hosts.", split).With(
			`local parts = hosts("web1, web2, web3"):split(2)
assert(#parts == 2 and #parts[1] == 2 and #parts[2] == 1)`),
		kit.Method("sort", "Give the hosts in the order of their names: web2 before web10.", sortGroup).With(
			`assert(hosts("web1, web2"):sort({ reverse = true }).names[1] == "web2")`),
		kit.Method("shuffle", "Give the hosts in an order by chance.", shuffle).With(
			`assert(#hosts("web1, web2, web3"):shuffle() == 3)`),
	}
}

// groupOperators are the union, the difference and the intersection of groups.
func groupOperators() []kit.Op {
	return []kit.Op{kit.Operator("+", plus), kit.Operator("-", minus), kit.Operator("*", times)}
}

func (g *Group) of(hosts []*Handle) *Group { return &Group{services: g.services, hosts: hosts} }

// has tells the hosts of a group.
func (g *Group) has() map[*inventory.Host]bool {
	all := map[*inventory.Host]bool{}
	for _, h := range g.hosts {
		all[h.Host] = true
	}
	return all
}

// keep gives the hosts that are, or are not, among others.
func (g *Group) keep(others map[*inventory.Host]bool, among bool) *Group {
	var hosts []*Handle
	for _, h := range g.hosts {
		if others[h.Host] == among {
			hosts = append(hosts, h)
		}
	}
	return g.of(hosts)
}

func plus(a, b *Group) *Group {
	more := b.keep(a.has(), false)
	return a.of(append(slices.Clone(a.hosts), more.hosts...))
}

func minus(a, b *Group) *Group { return a.keep(b.has(), false) }
func times(a, b *Group) *Group { return a.keep(b.has(), true) }

func (g *Group) meant(ctx context.Context, expr string) (map[*inventory.Host]bool, error) {
	found, err := g.services.Inventory.Select(ctx, expr)
	all := map[*inventory.Host]bool{}
	for _, h := range found {
		all[h] = true
	}
	return all, err
}

func limit(c *kit.Call, g *Group, a exprArgs) (*Group, error) {
	found, err := g.meant(c.Context, a.Targets)
	if err != nil {
		return nil, err
	}
	out := g.keep(found, true)
	if len(out.hosts) == 0 {
		return nil, fault.New(fault.Usage, "no host of %s matches %q", g, a.Targets)
	}
	return out, nil
}

func exclude(c *kit.Call, g *Group, a exprArgs) (*Group, error) {
	found, err := g.meant(c.Context, a.Targets)
	return g.keep(found, false), err
}

type sampleArgs struct {
	Count int    `lua:"count,arg1" doc:"How many hosts; of a smaller group all."`
	Seed  *int64 `lua:"seed" doc:"The same seed gives the same hosts of the same group."`
}

func sample(_ *kit.Call, g *Group, a sampleArgs) (*Group, error) {
	if a.Count < 1 {
		return nil, fault.New(fault.Usage, "count: %d is not a number of hosts", a.Count)
	}
	places := random(a.Seed).Perm(len(g.hosts))[:min(a.Count, len(g.hosts))]
	slices.Sort(places)
	hosts := make([]*Handle, len(places))
	for i, at := range places {
		hosts[i] = g.hosts[at]
	}
	return g.of(hosts), nil
}

func random(seed *int64) *rand.Rand {
	if seed != nil {
		return rand.New(rand.NewPCG(uint64(*seed), 1))
	}
	return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
}

type splitArgs struct {
	Parts int `lua:"parts,arg1" doc:"How many parts."`
}

func split(_ *kit.Call, g *Group, a splitArgs) ([]*Group, error) {
	if a.Parts < 1 {
		return nil, fault.New(fault.Usage, "parts: %d is not a number of parts", a.Parts)
	}
	n := min(a.Parts, len(g.hosts))
	parts := make([]*Group, 0, n)
	for i, from := 0, 0; i < n; i++ {
		size := len(g.hosts) / n
		if i < len(g.hosts)%n {
			size++
		}
		parts = append(parts, g.of(g.hosts[from:from+size]))
		from += size
	}
	return parts, nil
}

type sortArgs struct {
	Reverse bool `lua:"reverse" default:"false" doc:"The last name first."`
}

func sortGroup(_ *kit.Call, g *Group, a sortArgs) (*Group, error) {
	hosts := slices.Clone(g.hosts)
	slices.SortStableFunc(hosts, func(x, y *Handle) int { return hostrange.Compare(x.Name, y.Name) })
	if a.Reverse {
		slices.Reverse(hosts)
	}
	return g.of(hosts), nil
}

type shuffleArgs struct {
	Seed *int64 `lua:"seed" doc:"The same seed gives the same order of the same group."`
}

func shuffle(_ *kit.Call, g *Group, a shuffleArgs) (*Group, error) {
	hosts := slices.Clone(g.hosts)
	random(a.Seed).Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	return g.of(hosts), nil
}

// targets gives the hosts that the run is about.
func targets(c *kit.Call, a exprArgs) (*Group, error) {
	s := servicesOf(c)
	found, err := s.Targets(c.Context, a.Targets)
	if err != nil {
		return nil, err
	}
	g := &Group{services: s}
	for _, h := range found {
		g.hosts = append(g.hosts, s.Handle(h))
	}
	return g, nil
}

// settled is the host with all that was declared by now.
func (h *Handle) settled() *inventory.Host {
	h.services.Inventory.Settle()
	return h.Host
}

type varArgs struct {
	Name    string `lua:"name,arg1" doc:"Name of the variable; dots go into tables, numbers into lists."`
	Default any    `lua:"default,arg2" default:"" doc:"What it is where it is not set."`
}

func variable(_ *kit.Call, h *Handle, a varArgs) (any, error) {
	if value, ok := inventory.Var(h.settled().Vars, a.Name); ok {
		return value, nil
	}
	return a.Default, nil
}

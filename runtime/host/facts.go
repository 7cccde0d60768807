package host

import (
	"context"

	"gofab/bindings/kit"
	"gofab/internal/sysinfo"
	"gofab/runtime/inventory"
)

// h:facts describes a host in one picture, asked once a run: what changes from
// second to second is what sys.memory and the like are for.

type factsArgs struct {
	Refresh bool `lua:"refresh" default:"false" doc:"Ask again; otherwise a host is asked once a run."`
}

type factsKey struct{ host *inventory.Host }

// factsOf is what is known of one host. Tasks that ask at the same time wait
// for one answer.
type factsOf struct {
	turn  chan struct{} // held by who asks
	known *sysinfo.Facts
}

func facts(c *kit.Call, h *Handle, a factsArgs) (*sysinfo.Facts, error) {
	f := kit.SharedValue(c.Shared, factsKey{h.Host}, func() *factsOf { return &factsOf{turn: make(chan struct{}, 1)} })
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-c.Context.Done():
		return nil, context.Cause(c.Context)
	}
	if f.known != nil && !a.Refresh {
		return f.known, nil
	}
	s, err := sysinfo.Capture(c.Context, h, sysinfo.FactParts...)
	if err != nil {
		return nil, err
	}
	known, err := s.Facts()
	if err != nil {
		return nil, h.named(err)
	}
	f.known = &known
	return f.known, nil
}

// Sight is a host as it was looked at.
type Sight struct {
	Host   string
	System *sysinfo.System
	Error  error
}

// Look captures parts of hosts, many at a time.
func Look(ctx context.Context, s *Services, hosts []*inventory.Host, parts ...sysinfo.Part) []Sight {
	g := &Group{services: s}
	for _, h := range hosts {
		g.hosts = append(g.hosts, s.Handle(h))
	}
	results, _ := g.fan(ctx, FanOptions{All: true}, func(ctx context.Context, h *Handle) (any, error) {
		return sysinfo.Capture(ctx, h, parts...)
	})
	sights := make([]Sight, 0, len(hosts))
	for _, r := range results.Each() {
		system, _ := results.values[r.Host].(*sysinfo.System)
		sights = append(sights, Sight{r.Host, system, r.Error})
	}
	return sights
}

package host

import (
	"context"

	"gofab/bindings/kit"
	"gofab/internal/sysinfo"
	"gofab/runtime/inventory"
)

// FactsOf gives the facts of hosts by name, and the errors of those that could
// not be asked. As with h:facts, each host is asked once a run.
func FactsOf(ctx context.Context, env *kit.Env, s *Services, hosts []*inventory.Host) (map[string]*sysinfo.Facts, map[string]error) {
	handles := make([]*Handle, len(hosts))
	for i, h := range hosts {
		handles[i] = s.Handle(h)
	}
	results := s.FanOut(ctx, "", handles, Fan{}, Work{Do: func(ctx context.Context, h *Handle) Outcome {
		known, err := facts(&kit.Call{Context: ctx, Env: env}, h, factsArgs{})
		return Outcome{Value: known, Err: err}
	}})
	known, problems := map[string]*sysinfo.Facts{}, map[string]error{}
	for _, r := range results.Each() {
		if f, ok := results.values[r.Host].(*sysinfo.Facts); ok && r.Error == nil && f != nil {
			known[r.Host] = f
		} else if r.Error != nil {
			problems[r.Host] = r.Error
		}
	}
	return known, problems
}

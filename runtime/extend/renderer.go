package extend

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

type rendererArgs struct {
	Name   string       `lua:"name,arg1" doc:"Name of the renderer, as -o has it."`
	Start  kit.Callback `lua:"start" default:"" doc:"function(): called before the first event."`
	Event  kit.Callback `lua:"event" default:"" doc:"function(event): called for each event, in order."`
	Finish kit.Callback `lua:"finish" default:"" doc:"function(): called at the end."`
}

// Renderer is a declared way to show a run.
type Renderer struct{ rendererArgs }

func declareRenderer(c *kit.Call, a rendererArgs) (kit.None, error) {
	if a.Event.IsZero() && a.Finish.IsZero() {
		return kit.None{}, fault.New(fault.Usage, "a renderer has event or finish")
	}
	s, r := Of(c.Env), &Renderer{a}
	if err := put(s, "renderer", s.renderers, a.Name, r, BuiltIn); err != nil {
		return kit.None{}, err
	}
	for _, late := range s.awaiting() {
		if late.Name == a.Name {
			late.Begin(s.ctx, c.Env, r)
		}
	}
	return kit.None{}, nil
}

// Await has sinks begin when their renderers are declared. ctx is that of the
// run.
func (s *Set) Await(ctx context.Context, late []*Late) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx, s.late = ctx, late
}

func (s *Set) awaiting() []*Late {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.late
}

// BuiltIn are the names of the formats that gofab brings.
var BuiltIn = []string{"text", "jsonl", "json", "junit", "html"}

// Declared finds a renderer that is waited for and that nobody declared.
func (s *Set) Declared() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, late := range s.late {
		if s.renderers[late.Name] == nil {
			names := slices.Concat(BuiltIn, slices.Sorted(maps.Keys(s.renderers)))
			return missing("format", late.Name, names).WithHint("one of %s", strings.Join(names, ", "))
		}
	}
	return nil
}

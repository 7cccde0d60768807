// Package host is what a script does with managed hosts: run commands, move
// files, on one host or on many at once.
//
// Rules: one connection per host and run; a failed command raises; a scope
// made with h:with holds for commands and files alike; values reach a shell
// only quoted; every host of a group ends in exactly one named state.
package host

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// Services is what the hosts of one run share.
type Services struct {
	Pool      *transport.Pool
	Events    *event.Stream
	Inventory *inventory.Inventory
	// Targets gives the hosts that the run is about, by what the command line
	// says or else by an expression.
	Targets  func(ctx context.Context, expr string) ([]*inventory.Host, error)
	Forks    int          // hosts at once
	Fan      Fan          // what the command line says of fan-outs, for tasks and gofab exec
	Commands command.Deps // what the run lends to its commands
	Around   []Around     // every command on a host; outermost first

	mu      sync.Mutex
	handles map[*inventory.Host]*Handle
	ids     atomic.Uint64
}

type servicesKey struct{}

// Install gives a run its hosts.
func Install(env *kit.Env, s *Services) {
	s.handles = map[*inventory.Host]*Handle{}
	kit.SharedValue(env.Shared, servicesKey{}, func() *Services { return s })
}

func servicesOf(c *kit.Call) *Services {
	return kit.SharedValue(c.Shared, servicesKey{}, func() *Services {
		panic("host: the run has no hosts")
	})
}

// Handle is a host as a script holds it, with the scope that h:with made.
type Handle struct {
	*inventory.Host
	services *Services
	scope    Scope
}

// Handle gives the object of a host without a scope; the same one each time.
func (s *Services) Handle(h *inventory.Host) *Handle {
	s.mu.Lock()
	defer s.mu.Unlock()
	handle := s.handles[h]
	if handle == nil {
		handle = &Handle{Host: h, services: s}
		if s.Commands.Defaults != nil {
			handle.scope = *s.Commands.Defaults
		}
		s.handles[h] = handle
	}
	return handle
}

// String is how a host prints.
func (h *Handle) String() string { return h.Name }

// shown is the host as events name it: this machine has no name.
func (h *Handle) shown() string {
	if h.Name == inventory.LocalName {
		return ""
	}
	return h.Name
}

func (h *Handle) conn(ctx context.Context) (transport.Conn, error) {
	return h.services.Pool.Get(ctx, h.Host)
}

// Scope is what holds for everything done through a handle.
type Scope = command.Scope

// path is a remote path inside the scope. A slash at the end means something
// to copies and stays.
func (h *Handle) path(p string) string {
	joined := command.JoinCwd(h.scope.Cwd, p)
	if strings.HasSuffix(p, "/") && !strings.HasSuffix(joined, "/") {
		joined += "/"
	}
	return joined
}

func with(_ *kit.Call, h *Handle, s Scope) (*Handle, error) {
	return &Handle{Host: h.Host, services: h.services, scope: h.scope.Inside(s)}, nil
}

// find gives the handle of one host by name.
func (s *Services) find(ctx context.Context, expr string) ([]*Handle, error) {
	found, err := s.Inventory.Select(ctx, expr)
	if err != nil {
		return nil, err
	}
	handles := make([]*Handle, len(found))
	for i, h := range found {
		handles[i] = s.Handle(h)
	}
	return handles, nil
}

func one(c *kit.Call, a nameArgs) (*Handle, error) {
	handles, err := servicesOf(c).find(c.Context, a.Name)
	if err != nil {
		return nil, err
	}
	if len(handles) > 1 {
		return nil, fault.New(fault.Usage, "%q means %d hosts", a.Name, len(handles)).WithHint("hosts(%q) gives them all", a.Name)
	}
	return handles[0], nil
}

type nameArgs struct {
	Name string `lua:"name,arg1" doc:"Name of the host; \"local\" is this machine."`
}

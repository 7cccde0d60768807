// Package hooks is what a fabfile does around tasks, commands, connections and
// whole runs, and when something happens in a run.
//
// Rules: hooks nest in the order of their declaration, the first one outermost;
// an error in a hook is an error of what it is around, with the hook's place;
// what comes after runs whatever happened, but for a run that was interrupted.
// A command hook is not run for the commands of command hooks. Handlers of
// events run one after the other, away from the work that they hear of; what
// they do themselves reaches no handler, and their errors are warnings. Where
// nothing is declared, nothing is done.
package hooks

import (
	"context"
	"path"
	"regexp"
	"strings"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
)

// Kinds of work that hooks are around.
const (
	Task    = "task"
	Command = "command"
	Connect = "connect"
	Run     = "run"
)

// When a hook is called.
type when string

const (
	before when = "before"
	after  when = "after"
	around when = "around"
)

// hook is one declared function with what it is for.
type hook struct {
	when  when
	kind  string
	names []string       // globs of task names; none is all
	line  *regexp.Regexp // commands; nil is all
	hosts string         // a target expression; "" is all
	call  kit.Callback

	mu     sync.Mutex
	chosen map[string]bool // the hosts that the expression means
	known  int             // how many hosts there were
}

// Set is the hooks and handlers of one run.
type Set struct {
	ctx       context.Context // of the run
	services  *host.Services
	events    *event.Stream
	inventory *inventory.Inventory

	mu       sync.Mutex
	hooks    map[string][]*hook // by kind, never changed in place
	listener *listener
}

type setKey struct{}

// Of gives the run's hooks.
func Of(env *kit.Env) *Set {
	return kit.SharedValue(env.Shared, setKey{}, func() *Set { return &Set{hooks: map[string][]*hook{}} })
}

// Install has the hooks of a run take effect.
func (s *Set) Install(ctx context.Context, services *host.Services) {
	s.ctx = ctx
	s.services, s.events, s.inventory = services, services.Events, services.Inventory
	services.Around = append(services.Around, s.command)
}

// of lists the hooks of a kind.
func (s *Set) of(kind string) []*hook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hooks[kind]
}

func (s *Set) add(h *hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.hooks[h.kind]
	s.hooks[h.kind] = append(list[:len(list):len(list)], h)
}

// named tells whether a task is meant.
func (h *hook) named(name string) bool {
	for _, glob := range h.names {
		if ok, _ := path.Match(glob, name); ok {
			return true
		}
	}
	return len(h.names) == 0
}

// on tells whether a host is meant. What the expression means is worked out
// once, and again when there are more hosts.
func (h *hook) on(ctx context.Context, inv *inventory.Inventory, name string) (bool, error) {
	if h.hosts == "" {
		return true, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(inv.Hosts()); h.chosen == nil || h.known != n {
		found, err := inv.Select(ctx, h.hosts)
		if err != nil {
			return false, h.fail(err)
		}
		h.chosen, h.known = map[string]bool{}, n
		for _, one := range found {
			h.chosen[one.Name] = true
		}
	}
	return h.chosen[name], nil
}

// fail says that it was a hook that failed, and where it is.
func (h *hook) fail(err error) error {
	if err == nil {
		return nil
	}
	e := *fault.From(err)
	if e.Where == "" {
		e.Where = h.call.Where()
	}
	if e.Op == "" {
		e.Op = string(h.when) + " " + h.kind
	}
	return &e
}

// globs reads a list of globs and finds those that are none.
func globs(text string) ([]string, error) {
	var list []string
	for _, glob := range strings.Split(text, ",") {
		if glob = strings.TrimSpace(glob); glob == "" {
			continue
		}
		if _, err := path.Match(glob, ""); err != nil {
			return nil, fault.New(fault.Usage, "%q is not a pattern of names", glob).WithHint("* stands for any text, ? for one letter, [ab] for a or b")
		}
		list = append(list, glob)
	}
	return list, nil
}

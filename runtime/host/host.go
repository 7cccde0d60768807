// Package host is what a script does with managed hosts: run commands, move
// files, on one host or on many at once.
//
// Rules: one connection per host and run; a failed command raises; a scope
// made with h:with holds for commands and files alike; values reach a shell
// only quoted; every host of a group ends in exactly one named state.
package host

import (
	"context"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/secret"
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
	Targets func(ctx context.Context, expr string) ([]*inventory.Host, error)
	Forks   int // hosts at once
	Fan     Fan // what the command line says of fan-outs, for tasks and gofab exec
	// SudoPassword gives the run's password for sudo; it is asked for once,
	// when the first host wants it.
	SudoPassword func(ctx context.Context) (secret.Value, error)
	Around       []Around // every command on a host; outermost first

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
type Scope struct {
	Cwd      string            `lua:"cwd" default:"" doc:"Working directory of commands and of relative paths. A relative one adds to the outer scope's."`
	Env      map[string]string `lua:"env" default:"" doc:"Environment variables; they add to the outer scope's."`
	Sudo     bool              `lua:"sudo" default:"false" doc:"Do everything as root through sudo."`
	User     string            `lua:"user" default:"" doc:"Do everything as this user through sudo."`
	Password secret.Value      `lua:"password" default:"" doc:"Password for sudo."`
	Prefix   []string          `lua:"prefix" default:"" doc:"Commands that run first in the same shell; they follow the outer scope's."`
	Shell    command.Shell     `lua:"shell" default:"" doc:"Shell that runs the lines."`
	Timeout  time.Duration     `lua:"timeout" default:"0s" doc:"Limit for each command; 0 means none."`
	Hide     bool              `lua:"hide" default:"false" doc:"Do not show output while commands run."`
}

// inside gives the scope of inner within outer.
func (outer Scope) inside(inner Scope) Scope {
	s := inner
	s.Cwd = joinCwd(outer.Cwd, inner.Cwd)
	s.Env = mergeEnv(outer.Env, inner.Env)
	s.Sudo = outer.Sudo || inner.Sudo
	s.Prefix = append(append([]string{}, outer.Prefix...), inner.Prefix...)
	s.Hide = outer.Hide || inner.Hide
	if inner.User == "" && !inner.Sudo {
		s.User = outer.User
	}
	if inner.Password.Empty() {
		s.Password = outer.Password
	}
	if inner.Shell == "" {
		s.Shell = outer.Shell
	}
	if inner.Timeout == 0 {
		s.Timeout = outer.Timeout
	}
	return s
}

// options puts the scope around the options of one command.
func (s Scope) options(o command.Options) command.Options {
	around := s.inside(Scope{
		Cwd: o.Cwd, Env: o.Env, Sudo: o.Sudo, User: o.User, Password: o.Password, Prefix: o.Prefix,
		Timeout: o.Timeout, Hide: o.Hide,
	})
	o.Cwd, o.Env, o.Sudo, o.User, o.Password = around.Cwd, around.Env, around.Sudo, around.User, around.Password
	o.Prefix, o.Timeout, o.Hide = around.Prefix, around.Timeout, around.Hide
	if s.Shell != "" && (o.Shell == "" || o.Shell == command.Defaults().Shell) {
		o.Shell = s.Shell
	}
	return o
}

// privileged says that files are not the login user's own business.
func (s Scope) privileged() bool { return s.Sudo || s.User != "" }

func joinCwd(outer, inner string) string {
	switch {
	case inner == "":
		return outer
	case outer == "" || strings.HasPrefix(inner, "/") || strings.HasPrefix(inner, "~"):
		return inner
	default:
		return path.Join(outer, inner)
	}
}

// path is a remote path inside the scope. A slash at the end means something
// to copies and stays.
func (s Scope) path(p string) string {
	joined := joinCwd(s.Cwd, p)
	if strings.HasSuffix(p, "/") && !strings.HasSuffix(joined, "/") {
		joined += "/"
	}
	return joined
}

func mergeEnv(outer, inner map[string]string) map[string]string {
	if len(outer) == 0 {
		return inner
	}
	merged := make(map[string]string, len(outer)+len(inner))
	for name, value := range outer {
		merged[name] = value
	}
	for name, value := range inner {
		merged[name] = value
	}
	return merged
}

func with(_ *kit.Call, h *Handle, s Scope) (*Handle, error) {
	return &Handle{Host: h.Host, services: h.services, scope: h.scope.inside(s)}, nil
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

// Package extend lets a fabfile bring ways to reach hosts and ways to show a
// run, beside those that are built in.
//
// Rules: an extension is declared in the main chunk of a fabfile and belongs to
// that run; its names are not those of what is built in. A transport is a
// command, or functions; files go through its shell. A renderer is called for
// each event in order, away from the run, and what it prints is its output;
// what goes to a terminal is made safe.
package extend

import (
	"context"
	"slices"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Module declares the extensions.
func Module() *kit.Module {
	return &kit.Module{
		Name: "extend", Global: true,
		Doc: "Bring ways to reach hosts, and ways to show a run.",
		Funcs: []kit.Func{
			kit.Fn("transport", "Declare a way to reach hosts: a command that runs a line in a container, a chroot or as somebody else, or a "+
				"function that does. Hosts use it with transport = \"name\" in the inventory, or with an address name://address. "+
				"Files are copied through its shell.", declareTransport).With(commandExample, functionExample),
			kit.Fn("renderer", "Declare a way to show a run, for -o NAME and -o NAME=FILE. Its functions get each event as a table with the "+
				"keys of -o jsonl; what they print and io.write is the output.", declareRenderer).With(rendererExample),
		},
		Types: []kit.Type{streamsType()},
	}
}

const commandExample = `transport("clean", { command = { "env", "-i", "PATH=/usr/bin:/bin", "sh", "-c", "{line}" } })
transport("docker", { command = { "docker", "exec", "-i", "{address}", "sh", "-c", "{line}" } })
inventory{ app = { { name = "c1", transport = "docker", address = "app_web_1" }, { name = "c2", address = "docker://app_db_1" } } }`

const functionExample = `transport("logged", {
  connect = function(h) return { name = h.name, count = 0 } end,
  run = function(state, line, io)
    local r = host("local"):run({ "sh", "-c", line }, { check = false, hide = true, stdin = io:read() })
    io:stdout(r.stdout)
    io:stderr(r.stderr)
    return r.code
  end,
})
inventory{ app = { { name = "c1", transport = "logged" } } }`

const rendererExample = `renderer("dots", {
  event = function(e) if e.event == "task_end" then io.write(e.state == "ok" and "." or "F") end end,
  finish = function() print() end,
})`

// Set is the extensions of one run.
type Set struct {
	mu         sync.Mutex
	transports map[string]*Transport
	renderers  map[string]*Renderer
	late       []*Late
	ctx        context.Context // of the run
}

type setKey struct{}

// Of gives the run's extensions.
func Of(env *kit.Env) *Set {
	return kit.SharedValue(env.Shared, setKey{}, func() *Set {
		return &Set{transports: map[string]*Transport{}, renderers: map[string]*Renderer{}}
	})
}

// put adds an extension under a name that is free.
func put[T any](s *Set, what string, all map[string]T, name string, one T, taken []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := all[name]; twice || slices.Contains(taken, name) {
		return fault.New(fault.Usage, "there is a %s %q already", what, name)
	}
	for _, r := range name {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return fault.New(fault.Usage, "%q is not a name of a %s", name, what).WithHint("small letters, digits, '_' and '-'")
		}
	}
	if name == "" {
		return fault.New(fault.Usage, "a %s needs a name", what)
	}
	all[name] = one
	return nil
}

func missing(what, name string, names []string) *fault.Error {
	e := fault.New(fault.Usage, "there is no %s %q", what, name)
	if near := suggest.Nearest(name, names); near != "" {
		e.Message += " (did you mean \"" + near + "\"?)"
	}
	return e
}

package inventory

import (
	"fmt"
	"sort"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/secret"
	"gofab/internal/suggest"
)

// Module declares the inventory vocabulary of a fabfile.
func Module() *kit.Module {
	return &kit.Module{
		Name: "inventory", Global: true,
		Doc: "Say which machines there are: groups, hosts, and how each is reached. What is not said here, ssh_config says.",
		Funcs: []kit.Func{
			kit.Fn("inventory", "Declare groups of hosts. A group is a list of host names, ranges and host tables, "+
				"or a table with hosts, children and vars. May be called more than once.", declare).With(example),
		},
	}
}

const example = `inventory{
  web = { "web[1-3]", { name = "web9", address = "127.0.0.9", user = "deploy", vars = { weight = 2 } } },
  db  = { hosts = { "db1" }, vars = { port = 5432 } },
  all_tiers = { children = { "web", "db" } },
}
assert(#hosts("@web") == 4)
assert(host("db1").vars.port == 5432)`

type inventoryKey struct{}

// Of gives the run's inventory.
func Of(env *kit.Env) *Inventory { return kit.SharedValue(env.Shared, inventoryKey{}, New) }

type declareArgs struct {
	Groups map[string]groupSpec `lua:"groups,arg1" doc:"Groups by name. Each is a list of hosts, or a table with any of hosts, children (names of groups) and vars. A host is a name, a range such as web[1-3], or a table with name and any of address, port, user, key, password (a secret), jump, local, vars."`
}

func declare(c *kit.Call, a declareArgs) (kit.None, error) {
	inv := Of(c.Env)
	names := make([]string, 0, len(a.Groups))
	for name := range a.Groups {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := inv.AddGroup(name, a.Groups[name].GroupSpec); err != nil {
			return kit.None{}, err
		}
	}
	return kit.None{}, inv.Resolve()
}

// groupSpec is a group as a fabfile writes it.
type groupSpec struct{ GroupSpec }

// LuaType names what FromLua takes.
func (g *groupSpec) LuaType() string { return "table|string[]" }

// FromLua reads a list of hosts, or a table with hosts, children and vars.
func (g *groupSpec) FromLua(value any) error {
	switch value := value.(type) {
	case []any:
		return g.hosts(value)
	case map[string]any:
		return g.table(value)
	default:
		return fmt.Errorf("want a list of hosts or a table with hosts, children, vars")
	}
}

func (g *groupSpec) table(table map[string]any) error {
	for key, value := range table {
		var ok bool
		switch key {
		case "hosts":
			list, isList := value.([]any)
			if ok = isList; ok {
				if err := g.hosts(list); err != nil {
					return err
				}
			}
		case "children":
			g.Children, ok = texts(value)
		case "vars":
			g.Vars, ok = value.(map[string]any)
		default:
			return unknownKey(key, []string{"hosts", "children", "vars"})
		}
		if !ok {
			return fmt.Errorf("%s: unexpected %T", key, value)
		}
	}
	return nil
}

func (g *groupSpec) hosts(list []any) error {
	for i, item := range list {
		switch item := item.(type) {
		case string:
			names, err := hostrange.Expand(item)
			if err != nil {
				return err
			}
			for _, name := range names {
				g.Hosts = append(g.Hosts, HostSpec{Name: name})
			}
		case map[string]any:
			spec, err := hostSpec(item)
			if err != nil {
				return fmt.Errorf("[%d]: %w", i+1, err)
			}
			g.Hosts = append(g.Hosts, spec)
		default:
			return fmt.Errorf("[%d]: want a host name or a table", i+1)
		}
	}
	return nil
}

var hostKeys = []string{"name", "address", "port", "user", "key", "password", "jump", "local", "vars"}

// hostSpec reads the table of one host.
func hostSpec(table map[string]any) (HostSpec, error) {
	var s HostSpec
	text := map[string]*string{"name": &s.Name, "address": &s.Address, "user": &s.User, "key": &s.Key, "jump": &s.Jump}
	for key, value := range table {
		var ok bool
		switch key {
		case "port":
			var n float64
			n, ok = value.(float64)
			s.Port = int(n)
			ok = ok && n == float64(s.Port) && s.Port > 0 && s.Port < 65536
		case "password":
			if s.Password, ok = value.(secret.Value); !ok {
				return s, fault.New(fault.Usage, "password: want a secret").WithHint(`password = secret.env("WEB_PASSWORD")`)
			}
		case "local":
			s.Local, ok = value.(bool)
		case "vars":
			s.Vars, ok = value.(map[string]any)
		default:
			into := text[key]
			if into == nil {
				return s, unknownKey(key, hostKeys)
			}
			*into, ok = value.(string)
		}
		if !ok {
			return s, fmt.Errorf("%s: unexpected %v", key, value)
		}
	}
	if s.Name == "" {
		return s, fault.New(fault.Usage, "a host needs a name")
	}
	return s, nil
}

func unknownKey(key string, known []string) error {
	e := fault.New(fault.Usage, "unknown key %q", key)
	if near := suggest.Nearest(key, known); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}

func texts(value any) ([]string, bool) {
	list, ok := value.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := item.(string)
		out, ok = append(out, text), ok && isText
	}
	return out, ok
}

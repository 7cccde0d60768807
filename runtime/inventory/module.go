package inventory

import (
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/datafile"
	"gofab/internal/fault"
)

// Module declares the inventory vocabulary of a fabfile.
func Module() *kit.Module {
	return &kit.Module{
		Name: "inventory", Global: true,
		Doc: "Say which machines there are: groups, hosts, and how each is reached. What is not said here, ssh_config says. " +
			"Of several values for a host the later of these counts: group all, groups further out, groups further in " +
			"(of equals the one with the higher priority, then the one declared later), the host itself.",
		Funcs: []kit.Func{
			kit.Fn("inventory", "Declare groups of hosts. A group is a list of host names, ranges and host tables, "+
				"or a table with any of hosts, children, vars, priority and settings that hold for its hosts. "+
				"The group all holds for every host. May be called more than once.", declare).With(example, settingsExample),
			kit.Fn("inventory.load", "Add the hosts of a file: YAML, TOML, JSON or CSV in the form of inventory{...}, or an inventory of Ansible, "+
				"INI or YAML, with group_vars and host_vars beside it. A program is run with --list. Of a folder all of these are added.", load).With(loadExample),
			kit.Fn("inventory.command", "Run a program on this machine and add the hosts that it prints as JSON: "+
				"in the form of inventory{...}, or as programs for Ansible do, with _meta.hostvars.", command).With(
				`inventory.command({ "printf", "%s", '{"web": ["web1", "web2"], "_meta": {"hostvars": {"web1": {"tier": "front"}}}}' })
assert(host("web1").vars.tier == "front" and #hosts("@web") == 2)`),
			kit.Fn("inventory.add", "Call a function and add the hosts of the table it returns, which is as inventory{...} takes it.", add).With(
				`inventory.add(function()
  local web = {}
  for i = 1, 3 do web[i] = { name = "web" .. i, vars = { rack = i % 2 } } end
  return { web = web }
end)
assert(#hosts("@web & rack:1") == 2)`),
			kit.Fn("inventory.groups", "Give the groups by name: each has hosts (its own and those of its children) and children.", listGroups).With(
				`inventory{ web = { "web[1-3]" }, site = { children = { "web" } } }
assert(#inventory.groups().site.hosts == 3)`),
			kit.Fn("inventory.explain", "Tell for every setting and variable of a host where it was said and what it overrode.", explainHost).With(
				`inventory{ all = { vars = { ntp = "pool" } }, web = { hosts = { "web1" }, vars = { ntp = "10.0.0.1" } } }
local ntp = inventory.explain("web1")[1]
assert(ntp.name == "ntp" and ntp.by == "group web" and ntp.over[1].value == "pool")`),
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

const settingsExample = `inventory{
  all = { user = "deploy", vars = { ntp = "pool.ntp.org" } },
  inner = { hosts = { "app[1-3]" }, jump = "bastion.example.org" },
}
assert(host("app2").vars.ntp == "pool.ntp.org")`

const loadExample = `fs.write("hosts.yaml", [[
web:
  hosts: ["web[1-2]"]
  vars: { tier: front }
]])
fs.write("hosts.ini", "[db]\ndb[1:2] ansible_user=postgres\n[db:vars]\ntier=back\n")
inventory.load("hosts.yaml")
inventory.load("hosts.ini")
assert(#hosts("tier:front") == 2 and host("db2").vars.tier == "back")`

type inventoryKey struct{}

// Of gives the run's inventory.
func Of(env *kit.Env) *Inventory { return kit.SharedValue(env.Shared, inventoryKey{}, New) }

type declareArgs struct {
	Groups map[string]any `lua:"groups,arg1" doc:"Groups by name. Each is a list of hosts, or a table with any of hosts, children (names of groups), vars, priority and settings. A host is a name, a range such as web[1-3], or a table with name, vars and settings. Settings are address, port, user, key, password (a secret), jump, local and options (keywords of ssh_config)."`
}

func declare(c *kit.Call, a declareArgs) (kit.None, error) {
	return kit.None{}, fromLua(Of(c.Env), a.Groups, c.Where())
}

// fromLua adds what a table of Lua declares.
func fromLua(inv *Inventory, table map[string]any, where string) error {
	s := &source{name: where, kind: fault.Usage, inv: inv}
	return s.declare(datafile.Of(table))
}

type loadArgs struct {
	Path   string `lua:"path,arg1" doc:"File or folder; a relative path begins where the run is."`
	Format string `lua:"format" default:"" enum:"|yaml|toml|json|csv|ansible" doc:"What the file is; by default its extension and its content tell."`
}

func load(c *kit.Call, a loadArgs) (kit.None, error) {
	return kit.None{}, Of(c.Env).Load(c.Context, c.Path(a.Path), a.Format)
}

type commandArgs struct {
	Command kit.Strings       `lua:"command,arg1" doc:"Program and its arguments, as a list."`
	Cwd     string            `lua:"cwd" default:"" doc:"Folder to run it in."`
	Env     map[string]string `lua:"env" default:"" doc:"More environment variables."`
	Timeout time.Duration     `lua:"timeout" default:"1m" doc:"Limit; 0 means none."`
	Format  string            `lua:"format" default:"json" enum:"json|yaml|toml|csv|ansible" doc:"What it prints."`
}

func command(c *kit.Call, a commandArgs) (kit.None, error) {
	p := Program{Words: a.Command, Dir: c.Path(a.Cwd), Env: c.World.Environ(), Timeout: a.Timeout, Format: a.Format}
	for name, value := range a.Env {
		p.Env = append(p.Env, name+"="+value)
	}
	if len(p.Words) > 0 && strings.HasPrefix(p.Words[0], "~/") {
		p.Words[0] = c.Path(p.Words[0])
	}
	return kit.None{}, Of(c.Env).Command(c.Context, p)
}

type addArgs struct {
	Body kit.Callback `lua:"body,arg1" doc:"function(): returns groups by name."`
}

func add(c *kit.Call, a addArgs) (kit.None, error) {
	values, err := a.Body.Call(c.Context)
	if err != nil {
		return kit.None{}, err
	}
	table, ok := map[string]any(nil), false
	if len(values) > 0 {
		table, ok = values[0].(map[string]any)
	}
	if !ok {
		return kit.None{}, fault.New(fault.Usage, "the function must return groups by name").WithHint(`return { web = { "web1", "web2" } }`)
	}
	return kit.None{}, fromLua(Of(c.Env), table, a.Body.Where())
}

// GroupView is a group as scripts see it.
type GroupView struct {
	Hosts    []string `lua:"hosts" doc:"Names of its hosts and those of its children."`
	Children []string `lua:"children" doc:"Names of the groups in it."`
}

func listGroups(c *kit.Call, _ struct{}) (map[string]GroupView, error) {
	inv := Of(c.Env)
	out := map[string]GroupView{}
	for _, g := range inv.Groups() {
		members, err := inv.Members(g.Name)
		if err != nil {
			return nil, err
		}
		v := GroupView{Hosts: []string{}, Children: append([]string{}, g.Children...)}
		for _, h := range members {
			v.Hosts = append(v.Hosts, h.Name)
		}
		out[g.Name] = v
	}
	return out, nil
}

type explainArgs struct {
	Host string `lua:"host,arg1" doc:"Name of the host."`
}

func explainHost(c *kit.Call, a explainArgs) ([]Explained, error) {
	inv := Of(c.Env)
	h := inv.Host(a.Host)
	if h == nil {
		return nil, inv.NoHost(a.Host)
	}
	return inv.Explain(h), nil
}

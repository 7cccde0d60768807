package task

import (
	"slices"
	"sort"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Module declares the task vocabulary of a fabfile.
func Module() *kit.Module {
	return &kit.Module{
		Name: "fab", Global: true,
		Doc: "Declare tasks: what a fabfile can do, with which arguments, and on which hosts.",
		Funcs: []kit.Func{
			kit.Fn("task", "Declare a task. The function gets the host and the table of arguments; "+
				"it runs once per host, many hosts at a time.", declare).With(taskExample),
			kit.Fn("namespace", "Put the tasks that the function declares under a name: "+
				"`namespace(\"db\", function() task(\"backup\", ...) end)` makes `db.backup`.", namespace).With(namespaceExample),
		},
	}
}

const taskExample = `task("deploy", {
  doc = "Release one version",
  args = {
    version = { doc = "version to release", positional = 1 },
    force   = { doc = "release even if it is there", default = false },
  },
}, function(h, a)
  print("deploying " .. a.version .. " to " .. h.name)
end)`

const namespaceExample = `namespace("db", function()
  task("backup", { doc = "Back the database up" }, function(h) h:run("true") end)
end)`

type setKey struct{}

// SetOf gives the run's tasks.
func SetOf(env *kit.Env) *Set { return kit.SharedValue(env.Shared, setKey{}, NewSet) }

type taskArgs struct {
	Name    string       `lua:"name,arg1" doc:"Name of the task, as typed on the command line."`
	Options taskOptions  `lua:"options,arg2" default:"" doc:"What the task is and where it runs."`
	Body    kit.Callback `lua:"body,last" doc:"The work: function(h, args). Without hosts, h is this machine."`
}

type taskOptions struct {
	Doc     string             `lua:"doc" default:"" doc:"One line for gofab list and --help."`
	Hosts   string             `lua:"hosts" default:"" doc:"Target expression: \"@web\", \"web1, web2\", \"@web & !web3\". Empty: this machine."`
	Args    map[string]argSpec `lua:"args" default:"" doc:"Arguments by name. Each is a default value, or a table with any of doc, type (string, number, integer, boolean, duration, size, list, count), default, required, optional (--log alone is true, --log=x a value), short (one letter), positional (its place), rest (takes all further words), choices (a list)."`
	Needs   []string           `lua:"needs" default:"" doc:"Tasks that run before, each once per host in a run."`
	Post    []string           `lua:"post" default:"" doc:"Tasks that run afterwards, on hosts that succeeded."`
	Aliases []string           `lua:"aliases" default:"" doc:"Other names of the task."`
	Default bool               `lua:"default" default:"false" doc:"Run it when no task is named."`
	Hidden  bool               `lua:"hidden" default:"false" doc:"Leave it out of gofab list."`
	Forks   int                `lua:"forks" default:"0" doc:"Hosts at once; 0 takes --forks."`
	Serial  bool               `lua:"serial" default:"false" doc:"One host after the other; the first failure stops the rest."`
	Timeout time.Duration      `lua:"timeout" default:"0s" doc:"Limit for each host; 0 means none."`
}

func declare(c *kit.Call, a taskArgs) (kit.None, error) {
	args, err := arguments(a.Options.Args)
	if err != nil {
		return kit.None{}, err
	}
	o := a.Options
	return kit.None{}, SetOf(c.Env).Add(&Task{
		Name: a.Name, Doc: o.Doc, Hosts: o.Hosts, Args: args, Needs: o.Needs, Post: o.Post,
		Aliases: o.Aliases, Default: o.Default, Hidden: o.Hidden, Forks: o.Forks, Serial: o.Serial,
		Timeout: o.Timeout, Body: a.Body, Where: a.Body.Where(),
	})
}

type namespaceArgs struct {
	Name string       `lua:"name,arg1" doc:"Name in front of the tasks' names."`
	Body kit.Callback `lua:"body,last" doc:"Declares the tasks."`
}

func namespace(c *kit.Call, a namespaceArgs) (kit.None, error) {
	set := SetOf(c.Env)
	if err := set.Enter(a.Name); err != nil {
		return kit.None{}, err
	}
	defer set.Leave()
	_, err := a.Body.Call(c.Context)
	return kit.None{}, err
}

// argSpec is one argument as a fabfile writes it: a table, or a default value
// that tells the type.
type argSpec struct{ Arg }

// LuaType names what FromLua takes.
func (s *argSpec) LuaType() string { return "table|string|number|boolean" }

// FromLua reads the declaration.
func (s *argSpec) FromLua(value any) error {
	spec, ok := value.(map[string]any)
	if !ok {
		s.Type, s.Default = typeOf(value), value
		return checkDefault(value)
	}
	s.Required = true
	for key, v := range spec {
		if err := s.option(key, v); err != nil {
			return err
		}
	}
	return s.settle(spec)
}

// option reads one key of the table.
func (s *argSpec) option(key string, v any) error {
	ok := true
	switch key {
	case "doc":
		s.Doc, ok = v.(string)
	case "type":
		s.Type, ok = v.(string)
		if !slices.Contains(ArgTypes, s.Type) {
			return fault.New(fault.Usage, "type %v is not one of %v", v, ArgTypes)
		}
	case "default":
		s.Default, s.Required = v, false
	case "required":
		s.Required, ok = v.(bool)
	case "optional":
		s.Optional, ok = v.(bool)
	case "short":
		s.Short, ok = v.(string)
		ok = ok && len(s.Short) == 1
	case "positional":
		var n float64
		n, ok = v.(float64)
		s.Positional = int(n)
	case "rest":
		s.Rest, ok = v.(bool)
	case "choices":
		s.Choices, ok = stringList(v)
	default:
		return unknownKey(key)
	}
	if !ok {
		return fault.New(fault.Usage, "%s: unexpected %v", key, v)
	}
	return nil
}

// settle works out what was left open.
func (s *argSpec) settle(spec map[string]any) error {
	if s.Type == "" {
		s.Type = String
		if s.Default != nil {
			s.Type = typeOf(s.Default)
		}
	}
	if _, said := spec["required"]; !said && (s.Type == Boolean || s.Type == Count || s.Optional || s.list()) {
		s.Required = false
	}
	if s.Default == nil {
		return nil
	}
	if err := checkDefault(s.Default); err != nil {
		return err
	}
	return s.settleDefault()
}

// settleDefault reads a default that is written as it would be typed, such as
// "30s", and refuses one of another type.
func (s *argSpec) settleDefault() error {
	if text, ok := s.Default.(string); ok && !s.list() {
		value, err := parseValue(s.Type, text)
		if err != nil {
			return fault.New(fault.Usage, "default: %v", err)
		}
		s.Default = value
		return nil
	}
	want := typeOf(s.Default)
	if s.list() && want == List || s.Type == want || want == Number && numeric(s.Type) {
		return nil
	}
	return fault.New(fault.Usage, "default: %v is not a %s", s.Default, s.Type)
}

func numeric(kind string) bool {
	return kind == Integer || kind == Duration || kind == Size || kind == Count
}

// argKeys are the keys of an argument's table.
var argKeys = []string{"doc", "type", "default", "required", "optional", "short", "positional", "rest", "choices"}

func unknownKey(key string) error {
	e := fault.New(fault.Usage, "unknown key %q", key)
	if near := suggest.Nearest(key, argKeys); near != "" {
		e.Message += " (did you mean \"" + near + "\"?)"
	}
	return e
}

func typeOf(value any) string {
	switch value.(type) {
	case bool:
		return Boolean
	case float64:
		return Number
	case []any:
		return List
	default:
		return String
	}
}

func checkDefault(value any) error {
	switch value.(type) {
	case string, float64, bool, []any:
		return nil
	default:
		return fault.New(fault.Usage, "a default is a string, a number, true, false or a list")
	}
}

func stringList(v any) ([]string, bool) {
	list, ok := v.([]any)
	out := make([]string, len(list))
	for i, item := range list {
		s, isString := item.(string)
		out[i], ok = s, ok && isString
	}
	return out, ok
}

// arguments brings the declared arguments into a stable order: positionals
// first, then by name.
func arguments(specs map[string]argSpec) ([]Arg, error) {
	args := make([]Arg, 0, len(specs))
	for name, s := range specs {
		if err := checkName(name); err != nil {
			return nil, err
		}
		s.Name = name
		args = append(args, s.Arg)
	}
	sort.Slice(args, func(i, j int) bool {
		a, b := &args[i], &args[j]
		if (a.Positional > 0) != (b.Positional > 0) {
			return a.Positional > 0
		}
		if a.Positional != b.Positional {
			return a.Positional < b.Positional
		}
		return a.Name < b.Name
	})
	return args, nil
}

package inventory

import (
	"cmp"
	"fmt"
	"strconv"

	"gofab/internal/datafile"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// source reads groups from data, whether they come from a table of Lua or from
// a file: both have the same form.
type source struct {
	name string // what messages and origins name: a file, or file:line of a script
	file bool   // lines of nodes belong to it
	kind fault.Kind
	inv  *Inventory
}

// where is the place of a line.
func (s *source) where(line int) string {
	if !s.file || line == 0 {
		return s.name
	}
	return s.name + ":" + strconv.Itoa(line)
}

func (s *source) bad(line int, format string, args ...any) error {
	e := fault.New(s.kind, format, args...)
	if s.file {
		e.Message = s.where(line) + ": " + e.Message
	}
	return e
}

// around puts the place in front of an error of something below.
func (s *source) around(line int, err error) error {
	e := fault.From(err)
	wrapped := s.bad(line, "%s", e.Message).(*fault.Error)
	wrapped.Hint = e.Hint
	return wrapped
}

// groups are declarations in their order.
type groups struct {
	names []string
	specs map[string]*GroupSpec
}

func (g *groups) get(name string) *GroupSpec {
	spec := g.specs[name]
	if spec == nil {
		spec = &GroupSpec{}
		if g.specs == nil {
			g.specs = map[string]*GroupSpec{}
		}
		g.specs[name] = spec
		g.names = append(g.names, name)
	}
	return spec
}

// read reads groups by name. _meta holds variables of hosts, as programs for
// Ansible print them.
func (s *source) read(root *datafile.Node) (*groups, error) {
	if root.Kind != datafile.Map {
		return nil, s.bad(root.Line, "want groups by name, got %s", root.Describe())
	}
	g := &groups{}
	for _, f := range root.Fields {
		if f.Name == "_meta" {
			if err := s.meta(g, f.Value); err != nil {
				return nil, err
			}
			continue
		}
		if err := s.group(g.get(f.Name), f); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// group reads a list of hosts, or a table with hosts, children, vars and
// settings.
func (s *source) group(spec *GroupSpec, f datafile.Field) error {
	if f.Value.Kind == datafile.List {
		return s.inGroup(f.Name, s.hosts(spec, f.Value))
	}
	if f.Value.Kind != datafile.Map {
		return s.bad(f.Line, "group %s: want a list of hosts or a table with hosts, children, vars, got %s", f.Name, f.Value.Describe())
	}
	for _, part := range f.Value.Fields {
		if err := s.groupPart(spec, part); err != nil {
			return s.inGroup(f.Name, err)
		}
	}
	return nil
}

// inGroup names the group of a mistake; in a file the line says enough.
func (s *source) inGroup(name string, err error) error {
	if err == nil || s.file {
		return err
	}
	return fault.Wrap(fault.KindOf(err), err, "group %s", name).WithHint("%s", fault.From(err).Hint)
}

var groupKeys = append([]string{"hosts", "children", "vars", "priority"}, Settings...)

func (s *source) groupPart(spec *GroupSpec, f datafile.Field) error {
	switch f.Name {
	case "hosts":
		if f.Value.Kind == datafile.List || isEmpty(f.Value) {
			return s.hosts(spec, f.Value)
		}
		return s.bad(f.Line, "hosts: want a list, got %s", f.Value.Describe())
	case "children":
		return s.children(spec, f)
	case "priority":
		n, ok := f.Value.Value.(float64)
		if spec.Priority = int(n); !ok || n != float64(spec.Priority) || n == 0 {
			return s.bad(f.Line, "priority: want a whole number other than 0, got %s", f.Value.Describe())
		}
		return nil
	default:
		return s.value(&spec.Said, f, groupKeys)
	}
}

// isEmpty is an empty table of Lua, which may stand for a list.
func isEmpty(n *datafile.Node) bool { return n.Kind == datafile.Map && len(n.Fields) == 0 }

func (s *source) children(spec *GroupSpec, f datafile.Field) error {
	for _, item := range f.Value.Items {
		name, ok := item.Value.(string)
		if !ok {
			return s.bad(item.Line, "children: want names of groups, got %s", item.Describe())
		}
		child := Child{Name: name}
		if s.file {
			child.Where = s.where(item.Line)
		}
		spec.Children = append(spec.Children, child)
	}
	if f.Value.Kind != datafile.List && !isEmpty(f.Value) {
		return s.bad(f.Line, "children: want a list of names of groups, got %s", f.Value.Describe())
	}
	return nil
}

// value reads vars or one setting.
func (s *source) value(into *[]Statement, f datafile.Field, known []string) error {
	if f.Name == "vars" {
		if f.Value.Kind != datafile.Map {
			return s.bad(f.Line, "vars: want a table, got %s", f.Value.Describe())
		}
		for _, v := range f.Value.Fields {
			s.say(into, v)
		}
		return nil
	}
	if settings[f.Name] == nil {
		return s.unknown(f, known)
	}
	data := plain(f.Value)
	if err := checkSetting(f.Name, data); err != nil {
		return s.around(f.Line, err)
	}
	*into = append(*into, Statement{Name: f.Name, Value: data, Where: s.where(f.Line)})
	return nil
}

// say adds a variable.
func (s *source) say(into *[]Statement, v datafile.Field) {
	*into = append(*into, s.inv.hidden(Statement{Name: v.Name, Var: true, Value: plain(v.Value), Where: s.where(v.Line)}))
}

func (s *source) unknown(f datafile.Field, known []string) error {
	e := s.bad(f.Line, "unknown key %q", f.Name).(*fault.Error)
	if near := suggest.Nearest(f.Name, known); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e.WithHint("variables of your own go into vars")
}

// declare reads data and adds it.
func (s *source) declare(root *datafile.Node) error {
	g, err := s.read(root)
	if err != nil {
		return err
	}
	return s.failed(s.inv.Declare(g.names, g.specs))
}

// failed puts the place in front of what is wrong with a declaration as a whole.
func (s *source) failed(err error) error {
	if err == nil || !s.file {
		return err
	}
	e := *fault.From(err)
	e.Message, e.Where = cmp.Or(e.Where, s.name)+": "+e.Message, "" // the line of the script goes there
	return &e
}

package ansibleinv

import (
	"gofab/internal/datafile"
)

// IsYAML tells an inventory in Ansible's own form from other data: hosts or
// children are mappings there, never lists.
func IsYAML(root *datafile.Node) bool {
	for _, f := range root.Fields {
		for _, name := range []string{"hosts", "children"} {
			if n := f.Value.Get(name); n != nil && n.Kind == datafile.Map {
				return true
			}
		}
	}
	return false
}

// ReadYAML reads an inventory from a tree that was read as YAML 1.1.
func ReadYAML(name string, root *datafile.Node) (*Inventory, error) {
	r := newReader(name)
	if root.Kind != datafile.Map {
		return nil, r.bad(max(root.Line, 1), "want groups by name, got %s", root.Describe())
	}
	if plugin := root.Get("plugin"); plugin != nil {
		return nil, r.bad(plugin.Line, "this configures a plugin of Ansible; it is no inventory")
	}
	for _, f := range root.Fields {
		if err := r.yamlGroup(f); err != nil {
			return nil, err
		}
	}
	return &r.found, nil
}

func (r *reader) yamlGroup(f datafile.Field) error {
	g := r.group(f.Name, f.Line)
	if isNull(f.Value) {
		return nil
	}
	if f.Value.Kind != datafile.Map {
		return r.bad(f.Line, "group %s: want hosts, children or vars, got %s", f.Name, f.Value.Describe())
	}
	for _, part := range f.Value.Fields {
		section, ok := asMap(part.Value)
		if !ok {
			return r.bad(part.Line, "%s of group %s: want a mapping, got %s", part.Name, f.Name, part.Value.Describe())
		}
		if err := r.yamlSection(g, part, section); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) yamlSection(g *Group, part datafile.Field, section []datafile.Field) error {
	for _, f := range section {
		var err error
		switch part.Name {
		case "hosts":
			err = r.yamlHost(g, f)
		case "children":
			g.Children = append(g.Children, f.Name)
			err = r.yamlGroup(f)
		case "vars":
			var v any
			if v, err = value(r.name, f.Value); err == nil {
				err = r.setVar(g, Var{f.Name, v, f.Line})
			}
		default:
			return r.bad(part.Line, "group %s: unknown key %q: want hosts, children or vars", g.Name, part.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) yamlHost(g *Group, f datafile.Field) error {
	var vars []Var
	if !isNull(f.Value) && f.Value.Kind != datafile.Map {
		return r.bad(f.Line, "host %s: want its variables, got %s", f.Name, f.Value.Describe())
	}
	for _, one := range f.Value.Fields {
		v, err := value(r.name, one.Value)
		if err != nil {
			return err
		}
		vars = append(vars, Var{one.Name, v, one.Line})
	}
	return r.addHosts(g, f.Name, f.Line, vars)
}

func isNull(n *datafile.Node) bool { return n.Kind == datafile.Scalar && n.Value == nil }

// asMap takes a mapping, nothing, or one name alone.
func asMap(n *datafile.Node) ([]datafile.Field, bool) {
	if text, ok := n.Value.(string); ok && n.Kind == datafile.Scalar {
		return []datafile.Field{{Name: text, Line: n.Line, Value: &datafile.Node{Line: n.Line}}}, true
	}
	return n.Fields, n.Kind == datafile.Map || isNull(n)
}

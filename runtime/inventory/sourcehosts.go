package inventory

import (
	"gofab/internal/datafile"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
)

// hosts reads names, ranges and tables.
func (s *source) hosts(spec *GroupSpec, list *datafile.Node) error {
	for i, item := range list.Items {
		name, isName := item.Value.(string)
		var said []Statement
		switch {
		case item.Kind == datafile.Map:
			var err error
			if name, said, err = s.host(item); err != nil {
				if s.file {
					return err
				}
				return fault.Wrap(fault.KindOf(err), err, "[%d]", i+1).WithHint("%s", fault.From(err).Hint)
			}
		case !isName:
			return s.bad(item.Line, "[%d]: want a host name or a table, got %s", i+1, item.Describe())
		}
		names, err := hostrange.Expand(name)
		if err != nil {
			return s.around(item.Line, err)
		}
		for _, name := range names {
			one := HostSpec{Name: name, Where: s.where(item.Line), Said: said}
			if err := (&HostSpec{Name: name}).split(); err != nil {
				return s.around(item.Line, err)
			}
			spec.Hosts = append(spec.Hosts, one)
		}
	}
	return nil
}

var hostKeys = append([]string{"name", "vars"}, Settings...)

// host reads the table of one host, or of a range of hosts.
func (s *source) host(n *datafile.Node) (name string, said []Statement, err error) {
	for _, f := range n.Fields {
		if f.Name == "name" {
			var ok bool
			if name, ok = f.Value.Value.(string); !ok {
				return "", nil, s.bad(f.Line, "name: want a text, got %s", f.Value.Describe())
			}
			continue
		}
		if err := s.value(&said, f, hostKeys); err != nil {
			return "", nil, err
		}
	}
	if name == "" {
		return "", nil, s.bad(n.Line, "a host needs a name")
	}
	return name, said, nil
}

// meta reads _meta = { hostvars = { web1 = { ... } } }.
func (s *source) meta(g *groups, n *datafile.Node) error {
	vars := n.Get("hostvars")
	if vars == nil {
		return nil
	}
	if vars.Kind != datafile.Map {
		return s.bad(vars.Line, "_meta.hostvars: want a table, got %s", vars.Describe())
	}
	spec := g.get(All)
	for _, f := range vars.Fields {
		h := HostSpec{Name: f.Name, Where: s.where(f.Line)}
		if f.Value.Kind != datafile.Map && f.Value.Value != nil {
			return s.bad(f.Line, "_meta.hostvars: want the variables of %s, got %s", f.Name, f.Value.Describe())
		}
		for _, v := range f.Value.Fields {
			s.say(&h.Said, v)
		}
		spec.Hosts = append(spec.Hosts, h)
	}
	return nil
}

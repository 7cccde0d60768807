// Package ansibleinv reads the inventories of Ansible: INI and YAML files, and
// the variables in group_vars and host_vars beside them.
//
// Rules: what a file means is what Ansible 2.14 makes of it, mistakes
// included only where a file depends on them; a mistake is an error with
// file:line, where Ansible often only warns. Templates stay as they are written.
// What is encrypted with Ansible Vault is an error. Which value of several
// counts is left to the caller: everything is given in the order of the file.
package ansibleinv

import (
	"strconv"

	"gofab/internal/datafile"
	"gofab/internal/fault"
)

// Names of the groups that are always there.
const (
	All       = "all"
	Ungrouped = "ungrouped"
)

// Inventory is what one file says.
type Inventory struct {
	Hosts  []*Host  // in the order in which they are named first
	Groups []*Group // likewise
}

// Host is a host with the variables of its own.
type Host struct {
	Name string
	Line int
	Vars []Var
}

// Group is a group with its members and variables.
type Group struct {
	Name     string
	Line     int
	Hosts    []string
	Children []string
	Priority int // 0 when the file does not say
	Vars     []Var
}

// Var is a variable as it was said once.
type Var struct {
	Name  string
	Value any // nil, bool, float64, string, []any, map[string]any
	Line  int
}

// reader is one file on the way to an Inventory.
type reader struct {
	name   string // of the file
	found  Inventory
	hosts  map[string]*Host
	groups map[string]*Group
}

func newReader(name string) *reader {
	return &reader{name: name, hosts: map[string]*Host{}, groups: map[string]*Group{}}
}

func (r *reader) group(name string, line int) *Group {
	g := r.groups[name]
	if g == nil {
		g = &Group{Name: name, Line: line}
		r.groups[name] = g
		r.found.Groups = append(r.found.Groups, g)
	}
	return g
}

// setVar adds a variable of a group; one name is a property of the group.
func (r *reader) setVar(g *Group, v Var) error {
	if v.Name != "ansible_group_priority" {
		g.Vars = append(g.Vars, v)
		return nil
	}
	switch n := v.Value.(type) {
	case float64:
		g.Priority = int(n)
	case string:
		p, err := strconv.Atoi(n)
		if err != nil {
			return r.bad(v.Line, "ansible_group_priority: %q is no number", n)
		}
		g.Priority = p
	default:
		return r.bad(v.Line, "ansible_group_priority: want a number")
	}
	return nil
}

// addHosts adds the hosts of a pattern to a group.
func (r *reader) addHosts(g *Group, pattern string, line int, vars []Var) error {
	names, port, err := expand(pattern)
	if err != nil {
		return r.bad(line, "%v", err)
	}
	for _, name := range names {
		h := r.hosts[name]
		if h == nil {
			h = &Host{Name: name, Line: line}
			r.hosts[name] = h
			r.found.Hosts = append(r.found.Hosts, h)
			if port != 0 {
				h.Vars = append(h.Vars, Var{"ansible_port", float64(port), line})
			}
		}
		h.Vars = append(h.Vars, vars...)
		g.Hosts = append(g.Hosts, name)
	}
	return nil
}

func (r *reader) bad(line int, format string, args ...any) error {
	e := fault.New(fault.Parse, format, args...)
	e.Message = r.name + ":" + strconv.Itoa(line) + ": " + e.Message
	return e
}

const vaultHint = "ansible-vault decrypt writes it in clear; or give the secret by secret.command(\"ansible-vault view ...\")"

// value is the plain value of a node; an encrypted one is an error.
func value(name string, n *datafile.Node) (any, error) {
	if line := vaulted(n); line > 0 {
		e := fault.New(fault.Unsupported, "%s:%d: the value is encrypted with Ansible Vault, which gofab does not open", name, line)
		return nil, e.WithHint(vaultHint)
	}
	return n.Plain(), nil
}

// vaulted finds the line of an encrypted value, 0 for none.
func vaulted(n *datafile.Node) int {
	if _, ok := n.Value.(datafile.Vaulted); ok {
		return max(n.Line, 1)
	}
	for _, item := range n.Items {
		if line := vaulted(item); line > 0 {
			return line
		}
	}
	for _, f := range n.Fields {
		if line := vaulted(f.Value); line > 0 {
			return line
		}
	}
	return 0
}

package inventory

import (
	"path/filepath"
	"slices"
	"strconv"

	"gofab/internal/ansibleinv"
)

// adopt takes over what a file of Ansible says. Groups are declared in the
// order of their names, which is what Ansible goes by.
func (inv *Inventory) adopt(path string, found *ansibleinv.Inventory) error {
	g := &groups{}
	own := map[string]HostSpec{}
	all := g.get(All)
	for _, h := range found.Hosts {
		own[h.Name] = HostSpec{Name: h.Name, Where: at(path, h.Line)}
		spec := HostSpec{Name: h.Name, Where: at(path, h.Line), Said: inv.statements(path, h.Vars, false)}
		all.Hosts = append(all.Hosts, spec)
	}
	for _, one := range found.Groups {
		spec := g.get(one.Name)
		spec.Priority = one.Priority
		for _, child := range one.Children {
			spec.Children = append(spec.Children, Child{Name: child, Where: at(path, one.Line)})
		}
		spec.Said = inv.statements(path, one.Vars, false)
		for _, name := range one.Hosts {
			spec.Hosts = append(spec.Hosts, own[name])
		}
	}
	slices.Sort(g.names)
	if i := slices.Index(g.names, All); i > 0 { // its hosts have the order of the file
		g.names = slices.Insert(slices.Delete(g.names, i, i+1), 0, All)
	}
	return inv.fileSource(path).failed(inv.Declare(g.names, g.specs))
}

func at(path string, line int) string {
	if line == 0 {
		return path
	}
	return path + ":" + strconv.Itoa(line)
}

func (inv *Inventory) statements(path string, vars []ansibleinv.Var, late bool) []Statement {
	list := make([]Statement, 0, len(vars))
	for _, v := range vars {
		list = append(list, inv.hidden(Statement{Name: v.Name, Var: true, Value: nulls(v.Value), Where: at(path, v.Line), Late: late}))
	}
	return list
}

// loadVars adds what group_vars and host_vars of a folder say of the groups
// and hosts there are.
func (inv *Inventory) loadVars(folder string) error {
	groupVars, err := ansibleinv.OpenVars(filepath.Join(folder, "group_vars"))
	if err != nil {
		return err
	}
	hostVars, err := ansibleinv.OpenVars(filepath.Join(folder, "host_vars"))
	if err != nil {
		return err
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	for _, name := range []string{All, Ungrouped} { // they are there without being declared
		if groupVars.Has(name) && inv.groups[name] == nil {
			inv.addGroup(name, &GroupSpec{})
		}
	}
	for _, name := range inv.order {
		g := inv.groups[name]
		if err := inv.varsOf(groupVars, name, &g.said); err != nil {
			return err
		}
	}
	for _, h := range inv.hosts {
		if err := inv.varsOf(hostVars, h.Name, &h.said); err != nil {
			return err
		}
	}
	inv.stale = true
	return nil
}

func (inv *Inventory) varsOf(dir *ansibleinv.VarsDir, name string, said *[]Statement) error {
	files, err := dir.Read(name)
	if err != nil {
		return err
	}
	for _, file := range files {
		*said = append(*said, inv.statements(file.Path, file.Vars, true)...)
	}
	return nil
}

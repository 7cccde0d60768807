package inventory

import (
	"maps"
	"slices"

	"gofab/internal/secret"
)

// View is some hosts of an inventory as they are shown and written.
type View struct {
	Hosts  []*Host
	Groups []Group // with the chosen hosts alone, and without empty ones
}

// View makes a view of some hosts.
func (inv *Inventory) View(hosts []*Host) *View {
	chosen := setOf(hosts)
	v := &View{Hosts: hosts}
	kept := map[string]bool{}
	for _, g := range inv.Groups() {
		members, err := inv.Members(g.Name)
		if g.Name == All || g.Name == Ungrouped || err != nil || !slices.ContainsFunc(members, func(h *Host) bool { return chosen[h] }) {
			continue
		}
		g.Hosts = slices.DeleteFunc(g.Hosts, func(name string) bool { return !chosen[inv.Host(name)] })
		kept[g.Name] = true
		v.Groups = append(v.Groups, g)
	}
	for i := range v.Groups {
		v.Groups[i].Children = slices.DeleteFunc(v.Groups[i].Children, func(name string) bool { return !kept[name] })
	}
	return v
}

// Group finds a group of the view, nil when there is none.
func (v *View) Group(name string) *Group {
	for i := range v.Groups {
		if v.Groups[i].Name == name {
			return &v.Groups[i]
		}
	}
	return nil
}

// Data gives the view in the form of inventory{...}: values stand on the hosts,
// as they hold for them. Secrets are left out.
func (v *View) Data() map[string]any {
	out := map[string]any{}
	var all []any
	for _, h := range v.Hosts {
		table := v.HostData(h)
		delete(table, "groups")
		all = append(all, table)
	}
	out[All] = map[string]any{"hosts": orNone(all)}
	for _, g := range v.Groups {
		table := map[string]any{"hosts": texts(g.Hosts)}
		if len(g.Children) > 0 {
			table["children"] = texts(g.Children)
		}
		out[g.Name] = table
	}
	return out
}

// HostData gives one host with what holds for it.
func (v *View) HostData(h *Host) map[string]any {
	table := map[string]any{"name": h.Name, "groups": texts(h.Groups)}
	for _, name := range Settings {
		value := h.Setting(name)
		if _, hidden := value.(secret.Value); !hidden && value != nil && value != false {
			table[name] = value
		}
	}
	if vars := openVars(h); len(vars) > 0 {
		table["vars"] = vars
	}
	return table
}

// openVars are the variables that are no secrets.
func openVars(h *Host) map[string]any {
	vars := maps.Clone(h.Vars)
	maps.DeleteFunc(vars, func(_ string, value any) bool {
		_, hidden := value.(secret.Value)
		return hidden
	})
	return vars
}

// Ansible gives the view as a program for Ansible prints it.
func (v *View) Ansible() map[string]any {
	hostVars := map[string]any{}
	var alone []any
	for _, h := range v.Hosts {
		hostVars[h.Name] = v.AnsibleHost(h)
		if len(h.Groups) == 0 {
			alone = append(alone, h.Name)
		}
	}
	out := map[string]any{
		"_meta":   map[string]any{"hostvars": hostVars},
		Ungrouped: map[string]any{"hosts": orNone(alone)},
	}
	top := []any{Ungrouped}
	inside := map[string]bool{}
	for _, g := range v.Groups {
		out[g.Name] = map[string]any{"hosts": texts(g.Hosts), "children": texts(g.Children)}
		for _, child := range g.Children {
			inside[child] = true
		}
	}
	for _, g := range v.Groups {
		if !inside[g.Name] {
			top = append(top, g.Name)
		}
	}
	out[All] = map[string]any{"children": top}
	return out
}

// AnsibleHost gives the variables of a host with its settings among them.
func (v *View) AnsibleHost(h *Host) map[string]any {
	vars := openVars(h)
	for setting, name := range map[string]string{
		"address": "ansible_host", "port": "ansible_port", "user": "ansible_user", "key": "ansible_ssh_private_key_file",
	} {
		if value := h.Setting(setting); value != nil {
			vars[name] = value
		}
	}
	if h.Jump != "" && vars["ansible_ssh_common_args"] == nil {
		vars["ansible_ssh_common_args"] = "-o ProxyJump=" + h.Jump
	}
	if h.Transport == Local {
		vars["ansible_connection"] = Local
	}
	return vars
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, text := range list {
		out[i] = text
	}
	return out
}

func orNone(list []any) []any {
	if list == nil {
		return []any{}
	}
	return list
}

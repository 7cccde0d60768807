package inventory

import (
	"cmp"
	"slices"

	"gofab/internal/secret"
)

// Explained is a setting or a variable of a host with where it is from.
type Explained struct {
	Name    string  `lua:"name" doc:"Name of the setting or the variable."`
	Setting bool    `lua:"setting" doc:"It says how the host is reached; else it is a variable."`
	Value   any     `lua:"value" doc:"What counts."`
	By      string  `lua:"by" doc:"Who says so: host, group web, group all, or the variable that a setting is made of."`
	Where   string  `lua:"where" doc:"File and line, or another source."`
	Over    []Overs `lua:"over" doc:"What it overrode, the last one first."`
}

// Overs is a value that does not count.
type Overs struct {
	Value any    `lua:"value" doc:"The value."`
	By    string `lua:"by" doc:"Who said so."`
	Where string `lua:"where" doc:"File and line, or another source."`
}

// Explain tells where every value of a host is from: settings first, each kind
// in the order of names.
func (inv *Inventory) Explain(h *Host) []Explained {
	inv.settled()
	list := append(inv.groupStatements(h), h.ownStatements()...)
	inv.mu.Unlock()
	byName := map[string]*Explained{}
	for _, s := range list {
		key := s.Name
		if !s.Var {
			key = "\x00" + s.Name
		}
		e := byName[key]
		if e == nil {
			e = &Explained{Name: s.Name, Setting: !s.Var, Over: []Overs{}}
			byName[key] = e
		} else {
			e.Over = slices.Insert(e.Over, 0, Overs{e.Value, e.By, e.Where})
		}
		e.Value, e.By, e.Where = s.Value, s.by, s.Where
	}
	h.explainAnsible(byName)
	out := make([]Explained, 0, len(byName))
	for _, e := range byName {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Explained) int {
		if a.Setting != b.Setting {
			return map[bool]int{true: -1, false: 1}[a.Setting]
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return out
}

// explainAnsible adds the settings that are made of Ansible's variables.
func (h *Host) explainAnsible(byName map[string]*Explained) {
	for name, names := range ansibleNames {
		_, variable := lastOf(h.Vars, names)
		from := byName[variable]
		if from == nil || byName["\x00"+name] != nil {
			continue
		}
		made := *from
		made.Name, made.Setting, made.By = name, true, variable+" of "+from.By
		made.Value = h.Setting(name)
		byName["\x00"+name] = &made
	}
}

// Setting gives what holds for a host, nil where ssh_config decides.
func (h *Host) Setting(name string) any {
	var value any
	switch name {
	case "address":
		value = h.Address
	case "user":
		value = h.User
	case "key":
		value = h.Key
	case "jump":
		value = h.Jump
	case "port":
		if h.Port != 0 {
			return float64(h.Port)
		}
	case "password":
		if !h.Password.Empty() {
			return h.Password
		}
	case "transport":
		if h.Transport != SSH && h.Transport != Local {
			return h.Transport
		}
	case "local":
		return h.Transport == Local
	case "options":
		if len(h.Options) == 0 {
			return nil
		}
		table := map[string]any{}
		for _, o := range h.Options {
			table[o[0]] = o[1]
		}
		return table
	}
	if value == "" {
		return nil
	}
	return value
}

// Shown writes a value on one line; secrets are stars.
func Shown(value any) string {
	if _, hidden := value.(secret.Value); hidden {
		return "*****"
	}
	return shown(value)
}

// Members lists a group's hosts and those of its children.
func (inv *Inventory) Members(name string) ([]*Host, error) {
	inv.settled()
	defer inv.mu.Unlock()
	list, err := inv.members(name)
	return slices.Clone(list), err
}

// NoHost says that there is no such host.
func (inv *Inventory) NoHost(name string) error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.noHost(name)
}

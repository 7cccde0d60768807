package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Settle works out what holds for all hosts, if that is not known.
func (inv *Inventory) Settle() {
	inv.settled()
	inv.mu.Unlock()
}

// settled is Settle that keeps the lock. Groups were checked when they were
// declared, so nothing can be wrong with them.
func (inv *Inventory) settled() {
	inv.mu.Lock()
	if inv.stale {
		inv.stale = false
		inv.resolve()
	}
}

// resolve works out groups and values of all hosts.
func (inv *Inventory) resolve() {
	inv.rank()
	inv.enroll()
	bases := map[string]base{}
	for _, h := range inv.hosts {
		key := strings.Join(h.Groups, "\x00")
		b, known := bases[key]
		if !known {
			b = makeBase(inv.groupStatements(h))
			bases[key] = b
		}
		h.work(b.settings, b.vars)
	}
}

// rank puts the groups in the order in which their values count: by depth,
// priority, place.
func (inv *Inventory) rank() {
	inv.ranked = inv.ranked[:0]
	for _, name := range inv.order {
		g := inv.groups[name]
		if g.depth = 1; name == All {
			g.depth = 0
		}
		inv.ranked = append(inv.ranked, g)
	}
	for range inv.order { // as deep as groups can nest, at most
		if !inv.deepen() {
			break
		}
	}
	slices.SortStableFunc(inv.ranked, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.priority, b.priority), cmp.Compare(a.place, b.place))
	})
}

// deepen puts children below their parents, and says whether it had to.
func (inv *Inventory) deepen() bool {
	changed := false
	for _, g := range inv.ranked {
		for _, name := range g.children {
			if child := inv.groups[name]; child.depth <= g.depth {
				child.depth, changed = g.depth+1, true
			}
		}
	}
	return changed
}

// enroll tells every host its groups.
func (inv *Inventory) enroll() {
	for _, h := range inv.hosts {
		h.Groups = []string{}
	}
	for _, name := range inv.order {
		if name == All || name == Ungrouped {
			continue
		}
		members, _ := inv.members(name) // the group is there
		for _, h := range members {
			h.Groups = append(h.Groups, name)
		}
	}
}

// groupStatements lists what groups say of a host, in the order in which it
// counts.
func (inv *Inventory) groupStatements(h *Host) []said {
	var list []said
	for _, late := range []bool{false, true} {
		for _, g := range inv.ranked {
			if !(g.name == All || g.name == Ungrouped && len(h.Groups) == 0 || slices.Contains(h.Groups, g.name)) {
				continue
			}
			for _, s := range g.said {
				if s.Late == late {
					list = append(list, said{s, "group " + g.name})
				}
			}
		}
	}
	return list
}

// said is a statement and who said it.
type said struct {
	Statement
	by string
}

// ownStatements lists what was said of the host itself.
func (h *Host) ownStatements() []said {
	var list []said
	for _, late := range []bool{false, true} {
		for _, s := range h.said {
			if s.Late == late {
				list = append(list, said{s, "host"})
			}
		}
	}
	return list
}

// base is what the groups of a host say together.
type base struct{ settings, vars map[string]any }

func makeBase(list []said) base {
	b := base{map[string]any{}, map[string]any{}}
	b.add(list)
	return b
}

func (b base) add(list []said) {
	for _, s := range list {
		if s.Var {
			b.vars[s.Name] = s.Value
		} else {
			b.settings[s.Name] = s.Value
		}
	}
}

// work puts what the host says over what its groups say, and sets its fields.
func (h *Host) work(settingsBefore, varsBefore map[string]any) {
	b := base{maps.Clone(settingsBefore), maps.Clone(varsBefore)}
	if b.settings == nil {
		b = base{map[string]any{}, map[string]any{}}
	}
	b.add(h.ownStatements())
	h.Vars, h.Problem = b.vars, nil
	h.Address, h.Port, h.User, h.Key, h.Jump, h.Options, h.Transport = "", 0, "", "", "", nil, SSH
	h.fromAnsible(b)
	for name, value := range b.settings {
		settings[name](h, value)
	}
}

// Var finds a variable by its name, or by names with dots between for one
// inside others. A number counts the items of a list from 1.
func Var(vars map[string]any, path string) (any, bool) {
	if value, ok := vars[path]; ok {
		return value, true
	}
	var value any = vars
	for _, part := range strings.Split(path, ".") {
		switch inside := value.(type) {
		case map[string]any:
			item, ok := inside[part]
			if !ok {
				return nil, false
			}
			value = item
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 1 || i > len(inside) {
				return nil, false
			}
			value = inside[i-1]
		default:
			return nil, false
		}
	}
	return value, true
}

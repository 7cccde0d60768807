package inventory

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Statement is one value as it was said at one place.
type Statement struct {
	Name  string
	Var   bool // a variable; else one of Settings
	Value any
	Where string // file:line, or what else was the source
	// Late comes after what all groups say otherwise, as Ansible's files of
	// group_vars do.
	Late bool
}

// GroupSpec declares a group, or adds to one.
type GroupSpec struct {
	Hosts    []HostSpec
	Children []Child
	Priority int // 0 leaves it as it is
	Said     []Statement
}

// Child is a group that is named as a part of another.
type Child struct {
	Name  string
	Where string // file:line, "" when it comes from no file
}

// HostSpec declares a host, or adds to one. Name may be written
// user@name:port.
type HostSpec struct {
	Name  string
	Where string
	Said  []Statement
}

// Declare adds groups in this order, all of them or none. What follows for the
// hosts is worked out when somebody looks.
func (inv *Inventory) Declare(names []string, groups map[string]*GroupSpec) error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if err := inv.check(names, groups); err != nil {
		return err
	}
	for _, name := range names {
		inv.addGroup(name, groups[name])
	}
	return nil
}

// check finds what is wrong with groups before anything is added.
func (inv *Inventory) check(names []string, groups map[string]*GroupSpec) error {
	for _, name := range names {
		if !validName(name) {
			return fault.New(fault.Usage, "%q is not a group name", name).WithHint("letters, digits, '_', '-' and '.'")
		}
		if name == Ungrouped && len(groups[name].Children) > 0 {
			return fault.New(fault.Usage, "the group ungrouped has no children: it is the hosts that are in no group")
		}
		for i := range groups[name].Hosts {
			if err := groups[name].Hosts[i].split(); err != nil {
				return err
			}
		}
	}
	for _, name := range names {
		if err := inv.descend(name, nil, map[string]bool{}, groups); err != nil {
			return err
		}
	}
	return nil
}

// descend follows children, those that are declared and those to be.
func (inv *Inventory) descend(name string, path []string, seen map[string]bool, more map[string]*GroupSpec) error {
	if slices.Contains(path, name) {
		return fault.New(fault.Usage, "group %s contains itself: %s", name, strings.Join(append(path, name), " -> "))
	}
	g, spec := inv.groups[name], more[name]
	if g == nil && spec == nil {
		return inv.noGroup(name, slices.Collect(maps.Keys(more))...)
	}
	if seen[name] {
		return nil
	}
	var children []Child
	if g != nil {
		for _, child := range g.children {
			children = append(children, Child{Name: child})
		}
	}
	if spec != nil {
		children = append(children, spec.Children...)
	}
	for _, child := range children {
		if err := inv.descend(child.Name, append(path, name), seen, more); err != nil {
			return child.place(err)
		}
	}
	seen[name] = true
	return nil
}

// place puts the line in front of an error, unless there is one.
func (c Child) place(err error) error {
	e := *fault.From(err)
	if c.Where != "" && e.Where == "" {
		e.Where = c.Where
	}
	return &e
}

// Offer adds a group of hosts that nobody declared, such as those of a
// sandbox. Other names stay hosts of their own.
func (inv *Inventory) Offer(name string, hosts []string) error {
	spec := &GroupSpec{}
	for _, host := range hosts {
		spec.Hosts = append(spec.Hosts, HostSpec{Name: host})
	}
	closed := inv.closed
	err := inv.Declare([]string{name}, map[string]*GroupSpec{name: spec})
	inv.closed = closed
	return err
}

// addGroup adds a group that was checked. Hosts of the groups all and ungrouped
// are hosts without a group.
func (inv *Inventory) addGroup(name string, spec *GroupSpec) {
	inv.closed, inv.stale = true, true
	g := inv.groups[name]
	if g == nil {
		g = &group{name: name, isMember: map[*Host]bool{}, priority: 1, place: len(inv.order)}
		inv.groups[name] = g
		inv.order = append(inv.order, name)
	}
	if spec.Priority != 0 {
		g.priority = spec.Priority
	}
	g.said = append(g.said, spec.Said...)
	for _, child := range spec.Children {
		if !slices.Contains(g.children, child.Name) {
			g.children = append(g.children, child.Name)
		}
	}
	for _, one := range spec.Hosts {
		h := inv.addHost(one)
		if !g.isMember[h] && name != All && name != Ungrouped {
			g.isMember[h] = true
			g.members = append(g.members, h)
		}
	}
}

// addHost adds a host whose name was split.
func (inv *Inventory) addHost(spec HostSpec) *Host {
	h := inv.byName[spec.Name]
	if h == nil {
		h = &Host{Name: spec.Name, Transport: SSH, Vars: map[string]any{}}
		inv.byName[h.Name] = h
		inv.hosts = append(inv.hosts, h)
	}
	h.said = append(h.said, spec.Said...)
	return h
}

// mention gives the host of a name that nobody declared.
func (inv *Inventory) mention(name string) (*Host, error) {
	if h := inv.byName[name]; h != nil {
		return h, nil
	}
	where := "target " + name
	spec := HostSpec{Name: name, Where: where}
	if err := spec.split(); err != nil {
		return nil, err
	}
	h := inv.byName[spec.Name]
	said := func(s Statement) bool { return s.Where == where }
	if h != nil && (len(spec.Said) == 0 || slices.ContainsFunc(h.said, said)) {
		return h, nil // as before; others may be at work on it
	}
	h = inv.addHost(spec)
	h.work(nil, nil)
	return h, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:%-]*$`)

func validName(name string) bool { return hostName.MatchString(name) && !strings.Contains(name, ":") }

// split takes user@name:port apart. A bare IPv6 address keeps its colons; with
// a port it is written [::1]:22. The grammar keeps option-like and shell-like
// names away from everything that a host name reaches.
func (s *HostSpec) split() error {
	whole := s.Name
	var first []Statement // what the table of the host says comes after it
	if user, rest, ok := strings.Cut(s.Name, "@"); ok {
		if !hostName.MatchString(user) {
			return notHostName(whole)
		}
		s.Name = rest
		first = append(first, Statement{Name: "user", Value: user, Where: s.Where})
	}
	name, port, err := cutPort(s.Name)
	if err != nil {
		return fault.New(fault.Usage, "%q: %v", whole, err)
	}
	if port != 0 {
		first = append(first, Statement{Name: "port", Value: port, Where: s.Where})
	}
	s.Name, s.Said = name, append(first, s.Said...)
	if _, err := netip.ParseAddr(s.Name); err != nil && !hostName.MatchString(s.Name) {
		return notHostName(whole)
	}
	return nil
}

func notHostName(whole string) error {
	return fault.New(fault.Usage, "%q is not a host name", whole).WithHint("write name, user@name or user@name:port")
}

// cutPort takes the port off a name.
func cutPort(text string) (name string, port int, err error) {
	name, digits, found := text, "", false
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "]"); ok && strings.HasPrefix(text, "[") {
		if name = inner; rest == "" {
			return name, 0, nil
		}
		digits, found = strings.TrimPrefix(rest, ":"), true
	} else if strings.Count(text, ":") == 1 {
		name, digits, found = strings.Cut(text, ":")
	}
	if !found {
		return name, 0, nil
	}
	if port, err = strconv.Atoi(digits); err != nil || port < 1 || port > 65535 {
		return "", 0, fault.New(fault.Usage, "%q is not a port", digits)
	}
	return name, port, nil
}

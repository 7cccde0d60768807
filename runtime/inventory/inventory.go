// Package inventory knows the managed hosts: their names, groups, variables
// and how each is reached, and which of them an expression means.
//
// Rules: names are unique; a host keeps the order in which it was declared; a
// variable set on a host wins over one of its groups, a later group over an
// earlier one. What the inventory does not say is left to ssh_config.
package inventory

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/suggest"
)

// Transports by which a host is reached.
const (
	SSH   = "ssh"
	Local = "local"
)

// LocalName is the host that is always there: this machine.
const LocalName = "local"

// Host is one managed machine.
type Host struct {
	Name      string
	Address   string // where to connect; "" leaves it to ssh_config, then the name
	Port      int    // 0 leaves it to ssh_config
	User      string // "" leaves it to ssh_config
	Key       string // identity file; "" leaves it to ssh_config
	Password  secret.Value
	Jump      string // jump hosts as in ProxyJump
	Transport string
	Vars      map[string]any
	Groups    []string
}

// Inventory is the set of hosts of one run. It is safe for concurrent use.
type Inventory struct {
	mu     sync.Mutex
	hosts  []*Host
	byName map[string]*Host
	groups map[string]*group
	order  []string // group names as declared
	local  *Host
	closed bool // hosts were declared: an unknown name is a mistake
}

type group struct {
	members  []*Host
	children []string
	vars     map[string]any
}

// New makes an empty inventory. This machine is in it under the name "local",
// outside of all groups.
func New() *Inventory {
	return &Inventory{
		byName: map[string]*Host{}, groups: map[string]*group{},
		local: &Host{Name: LocalName, Transport: Local, Vars: map[string]any{}},
	}
}

// GroupSpec declares a group.
type GroupSpec struct {
	Hosts    []HostSpec
	Children []string
	Vars     map[string]any
}

// HostSpec declares a host, or adds to one that is declared already. Name may
// be written user@name:port.
type HostSpec struct {
	Name     string
	Address  string
	Port     int
	User     string
	Key      string
	Password secret.Value
	Jump     string
	Local    bool
	Vars     map[string]any
}

// AddGroup declares a group or adds to it.
func (inv *Inventory) AddGroup(name string, spec GroupSpec) error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if !validName(name) {
		return fault.New(fault.Usage, "%q is not a group name", name).
			WithHint("letters, digits, '_', '-' and '.'")
	}
	inv.closed = true
	g := inv.groups[name]
	if g == nil {
		g = &group{vars: map[string]any{}}
		inv.groups[name] = g
		inv.order = append(inv.order, name)
	}
	maps.Copy(g.vars, spec.Vars)
	for _, child := range spec.Children {
		if !slices.Contains(g.children, child) {
			g.children = append(g.children, child)
		}
	}
	for _, hs := range spec.Hosts {
		h, err := inv.add(hs)
		if err != nil {
			return err
		}
		if !slices.Contains(g.members, h) {
			g.members = append(g.members, h)
		}
	}
	return nil
}

// AddHost declares a host without a group.
func (inv *Inventory) AddHost(spec HostSpec) (*Host, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.closed = true
	return inv.add(spec)
}

// Offer adds a group of hosts that nobody declared, such as those of a
// sandbox. Other names stay hosts of their own.
func (inv *Inventory) Offer(name string, spec GroupSpec) error {
	closed := inv.closed
	err := inv.AddGroup(name, spec)
	inv.closed = closed
	return err
}

func (inv *Inventory) add(spec HostSpec) (*Host, error) {
	if err := spec.split(); err != nil {
		return nil, err
	}
	h := inv.byName[spec.Name]
	if h == nil {
		h = &Host{Name: spec.Name, Transport: SSH, Vars: map[string]any{}}
		inv.byName[h.Name] = h
		inv.hosts = append(inv.hosts, h)
	}
	h.merge(spec)
	return h, nil
}

// merge lets what spec says win over what was declared before.
func (h *Host) merge(spec HostSpec) {
	for _, text := range []struct{ into, from *string }{
		{&h.Address, &spec.Address}, {&h.User, &spec.User}, {&h.Key, &spec.Key}, {&h.Jump, &spec.Jump},
	} {
		if *text.from != "" {
			*text.into = *text.from
		}
	}
	if spec.Port != 0 {
		h.Port = spec.Port
	}
	if !spec.Password.Empty() {
		h.Password = spec.Password
	}
	if spec.Local {
		h.Transport = Local
	}
	maps.Copy(h.Vars, spec.Vars)
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:%-]*$`)

func validName(name string) bool { return hostName.MatchString(name) && !strings.Contains(name, ":") }

// split takes user@name:port apart. A bare IPv6 address keeps its colons; with
// a port it is written [::1]:22. The grammar keeps option-like and shell-like
// names away from everything that a host name reaches.
func (s *HostSpec) split() error {
	whole := s.Name
	if user, rest, ok := strings.Cut(s.Name, "@"); ok {
		s.User, s.Name = user, rest
	}
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(s.Name, "["), "]"); ok && strings.HasPrefix(s.Name, "[") {
		s.Name = inner
		if rest != "" {
			rest = strings.TrimPrefix(rest, ":")
			return s.setPort(whole, rest)
		}
	} else if strings.Count(s.Name, ":") == 1 {
		name, port, _ := strings.Cut(s.Name, ":")
		s.Name = name
		return s.setPort(whole, port)
	}
	return s.check(whole)
}

func (s *HostSpec) setPort(whole, port string) error {
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return fault.New(fault.Usage, "%q: %q is not a port", whole, port)
	}
	s.Port = n
	return s.check(whole)
}

func (s *HostSpec) check(whole string) error {
	_, notAddress := netip.ParseAddr(s.Name)
	if notAddress != nil && !hostName.MatchString(s.Name) || (s.User != "" && !hostName.MatchString(s.User)) {
		return fault.New(fault.Usage, "%q is not a host name", whole).WithHint("write name, user@name or user@name:port")
	}
	return nil
}

// Hosts lists all hosts in the order of declaration, without "local".
func (inv *Inventory) Hosts() []*Host {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return slices.Clone(inv.hosts)
}

// Groups lists the names of all groups in the order of declaration.
func (inv *Inventory) Groups() []string {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return slices.Clone(inv.order)
}

// Resolve works out groups and variables once all declarations are in: it
// fills each host's Groups and the variables that it gets from them.
func (inv *Inventory) Resolve() error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inherited := map[*Host]map[string]any{}
	for _, name := range inv.order {
		members, err := inv.members(name, nil)
		if err != nil {
			return err
		}
		for _, h := range members {
			if !slices.Contains(h.Groups, name) {
				h.Groups = append(h.Groups, name)
			}
			if inherited[h] == nil {
				inherited[h] = map[string]any{}
			}
			maps.Copy(inherited[h], inv.groups[name].vars)
		}
	}
	for h, vars := range inherited {
		maps.Copy(vars, h.Vars)
		h.Vars = vars
	}
	return nil
}

// members lists a group's hosts and those of its children.
func (inv *Inventory) members(name string, path []string) ([]*Host, error) {
	if slices.Contains(path, name) {
		return nil, fault.New(fault.Usage, "group %s contains itself: %s", name, strings.Join(append(path, name), " -> "))
	}
	g := inv.groups[name]
	if g == nil {
		return nil, inv.noGroup(name)
	}
	list := slices.Clone(g.members)
	for _, child := range g.children {
		more, err := inv.members(child, append(path, name))
		if err != nil {
			return nil, err
		}
		for _, h := range more {
			if !slices.Contains(list, h) {
				list = append(list, h)
			}
		}
	}
	return list, nil
}

func (inv *Inventory) noGroup(name string) error {
	e := fault.New(fault.Usage, "no group %q in the inventory", name)
	if near := suggest.Nearest(name, inv.order); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	} else if len(inv.order) > 0 {
		e.Hint = "groups are: " + strings.Join(inv.order, ", ")
	}
	return e
}

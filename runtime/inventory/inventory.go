// Package inventory knows the managed hosts: their names, groups, variables
// and how each is reached, and which of them an expression means.
//
// Rules: names are unique; a host keeps the order in which it was declared.
// Whatever the source, a value comes from one order, the later wins: the group
// all, groups further out before those inside them (of equals the one with the
// higher priority, then the one declared later), the host itself; at one place
// what was said last. Every value remembers where it was said. What the
// inventory does not say is left to ssh_config.
package inventory

import (
	"context"
	"fmt"
	"slices"
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

// Names that are always there.
const (
	LocalName = "local"     // this machine, outside of all groups
	All       = "all"       // the group of all hosts
	Ungrouped = "ungrouped" // the group of the hosts without one
)

// Host is one managed machine.
type Host struct {
	Name      string
	Address   string // where to connect; "" leaves it to ssh_config, then the name
	Port      int    // 0 leaves it to ssh_config
	User      string // "" leaves it to ssh_config
	Key       string // identity file; "" leaves it to ssh_config
	Password  secret.Value
	Jump      string      // jump hosts as in ProxyJump
	Options   [][2]string // more keywords of ssh_config
	Transport string
	Vars      map[string]any
	Groups    []string // in the order of declaration
	Problem   error    // why it cannot be reached as declared

	said []Statement
}

// Inventory is the set of hosts of one run. It is safe for concurrent use. The
// exported fields are set before it is used.
type Inventory struct {
	// Facts tells what hosts are and have, by name; a host that cannot be asked
	// is an error, or missing from the answer.
	Facts func(ctx context.Context, hosts []*Host) (map[string]map[string]any, error)
	// FactNames are the facts that an expression may name without "fact.".
	FactNames []string
	// Special gives the hosts of a name that is no group, such as failed in
	// @failed; nil for a name it does not know.
	Special func(name string) ([]string, error)
	// ReadFile reads a list of targets, of standard input for "-".
	ReadFile func(name string) ([]byte, error)
	// Environ is the environment of programs that Load runs; nil is our own.
	Environ func() []string
	// Secret is told of passwords that a file holds.
	Secret func(secret.Value)

	mu     sync.Mutex
	hosts  []*Host
	byName map[string]*Host
	groups map[string]*group
	order  []string // group names as declared
	ranked []*group // as values come: the later wins
	local  *Host
	closed bool // hosts were declared: an unknown name is a mistake
	stale  bool // declarations came since values were worked out
}

// group is a named set of hosts.
type group struct {
	name     string
	members  []*Host
	isMember map[*Host]bool
	children []string
	priority int
	place    int // among the groups as declared
	depth    int // 0 for all
	said     []Statement
}

// New makes an empty inventory. This machine is in it under the name "local".
func New() *Inventory {
	return &Inventory{
		byName: map[string]*Host{}, groups: map[string]*group{},
		local: &Host{Name: LocalName, Transport: Local, Vars: map[string]any{}},
	}
}

// Hosts lists all hosts in the order of declaration, without "local".
func (inv *Inventory) Hosts() []*Host {
	inv.settled()
	defer inv.mu.Unlock()
	return slices.Clone(inv.hosts)
}

// Host finds a host by its name, nil when there is none.
func (inv *Inventory) Host(name string) *Host {
	inv.settled()
	defer inv.mu.Unlock()
	if name == LocalName && inv.byName[name] == nil {
		return inv.local
	}
	return inv.byName[name]
}

// Group is a group as it was declared.
type Group struct {
	Name     string
	Hosts    []string // its own, in the order of the inventory
	Children []string
	Priority int
	Said     []Statement
}

// Groups lists all groups in the order of declaration.
func (inv *Inventory) Groups() []Group {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	list := make([]Group, 0, len(inv.order))
	for _, name := range inv.order {
		g := inv.groups[name]
		one := Group{Name: name, Children: slices.Clone(g.children), Priority: g.priority, Said: slices.Clone(g.said)}
		for _, h := range g.members {
			one.Hosts = append(one.Hosts, h.Name)
		}
		list = append(list, one)
	}
	return list
}

// members lists a group's hosts and those of its children.
func (inv *Inventory) members(name string) ([]*Host, error) {
	switch {
	case name == All:
		return inv.hosts, nil
	case name == Ungrouped:
		return slices.DeleteFunc(slices.Clone(inv.hosts), func(h *Host) bool { return len(h.Groups) > 0 }), nil
	case inv.groups[name] == nil:
		return nil, inv.noGroup(name)
	}
	var list []*Host
	inv.gather(inv.groups[name], map[string]bool{}, map[*Host]bool{}, &list)
	return list, nil
}

// gather visits a group and what is below it, each group and each host once.
func (inv *Inventory) gather(g *group, seen map[string]bool, known map[*Host]bool, list *[]*Host) {
	if seen[g.name] {
		return
	}
	seen[g.name] = true
	for _, h := range g.members {
		if !known[h] {
			known[h] = true
			*list = append(*list, h)
		}
	}
	for _, child := range g.children {
		inv.gather(inv.groups[child], seen, known, list)
	}
}

func (inv *Inventory) noGroup(name string, more ...string) error {
	known := append(slices.Sorted(slices.Values(more)), inv.order...)
	e := fault.New(fault.Usage, "no group %q in the inventory", name)
	if near := suggest.Nearest(name, known); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	} else if len(inv.order) > 0 {
		e.Hint = "groups are: " + strings.Join(inv.order[:min(len(inv.order), 20)], ", ")
	}
	return e
}

func (inv *Inventory) noHost(name string) error {
	known := make([]string, 0, len(inv.hosts))
	for _, h := range inv.hosts {
		known = append(known, h.Name)
	}
	e := fault.New(fault.Usage, "no host %q in the inventory", name)
	if inv.groups[name] != nil {
		e.Message += fmt.Sprintf(" (did you mean the group %q?)", "@"+name)
	} else if near := suggest.Nearest(name, known); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	} else {
		e.Hint = "gofab inventory lists the hosts; -I " + name + ", names one that is not among them"
	}
	return e
}

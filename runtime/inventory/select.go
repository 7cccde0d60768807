package inventory

import (
	"context"
	"fmt"
	"slices"

	"gofab/internal/fault"
)

// Target expressions, the same in Lua, in tasks and on the command line:
//
//	web1 web* web[01-20]   a host, a glob, a range
//	@web @web[0-4] @web*   a group, the first five of it, groups by a glob
//	~^web\d+$              a regular expression over names
//	10.0.0.0/8             hosts whose address is in a network
//	tier:web port>=8000    a variable; var.tier is one that is set
//	os:linux memory.total>8G  a fact, asked from the hosts
//	^hosts.txt ^-          targets in a file, one a line; - is standard input
//	@failed                hosts that were not ok in the last recorded run
//	a, b   a | b   a b     either            a & b     both
//	!a                     all but a         ( )       grouping; ( )[0-4]
//	all                    every host        local     this machine
//
// `!` binds tightest, then `&`, then `|` and `,`. "@web & !web3" reads as it
// is written. What asks the hosts comes last of an `&`, so that only those are
// asked which the rest leaves. An expression that matches nothing is an error.

// Select lists the hosts an expression means, in the order of the inventory.
// Where no hosts were declared, plain names are hosts of their own: web1,
// deploy@web1:2222.
func (inv *Inventory) Select(ctx context.Context, expr string) ([]*Host, error) {
	hosts, err := inv.match(ctx, expr, 0)
	if err == nil && len(hosts) == 0 {
		err = fault.New(fault.Usage, "no host matches %q", expr)
	}
	return hosts, err
}

// match is Select where nothing may match. depth counts lists in lists.
func (inv *Inventory) match(ctx context.Context, expr string, depth int) ([]*Host, error) {
	tree, err := parse(expr)
	if err != nil {
		return nil, err
	}
	if depth > maxLists {
		return nil, fault.New(fault.Usage, "lists of targets that name each other more than %d deep", maxLists)
	}
	s := &selection{Inventory: inv, ctx: ctx, expr: expr, depth: depth}
	found, err := s.eval(tree, nil)
	if err != nil {
		return nil, err
	}
	return s.sorted(found), nil
}

// maxLists bounds files of targets that name other such files.
const maxLists = 8

// selection is the work on one expression. It takes the lock of the inventory
// only while it looks something up: files and facts may take their time.
type selection struct {
	*Inventory
	ctx   context.Context
	expr  string
	depth int
}

// set is some hosts; as a limit nil is no limit.
type set map[*Host]bool

func setOf(hosts []*Host) set {
	s := make(set, len(hosts))
	for _, h := range hosts {
		s[h] = true
	}
	return s
}

func (s set) within(limit set) set {
	if limit == nil {
		return s
	}
	out := set{}
	for h := range s {
		if limit[h] {
			out[h] = true
		}
	}
	return out
}

// sorted brings a set into the order of the inventory.
func (s *selection) sorted(found set) []*Host {
	var list []*Host
	for _, h := range s.Hosts() {
		if found[h] {
			list = append(list, h)
		}
	}
	if found[s.local] {
		list = append(list, s.local)
	}
	return list
}

// eval gives the hosts of a tree that are within a limit.
func (s *selection) eval(n node, limit set) (set, error) {
	switch n := n.(type) {
	case either:
		return s.either(n, limit)
	case both:
		return s.both(n, limit)
	case not:
		return s.not(n, limit)
	case slice:
		found, err := s.eval(n.inner, nil)
		return s.slice(found, n.of).within(limit), err
	default:
		found, err := s.term(n.(term), limit)
		return found.within(limit), err
	}
}

func (s *selection) either(list either, limit set) (set, error) {
	out := set{}
	for _, n := range list {
		found, err := s.eval(n, limit)
		if err != nil {
			return nil, err
		}
		for h := range found {
			out[h] = true
		}
	}
	return out, nil
}

// both looks at what needs no answers from hosts first.
func (s *selection) both(list both, limit set) (set, error) {
	for _, late := range []bool{false, true} {
		for _, n := range list {
			if s.asks(n) != late {
				continue
			}
			var err error
			if limit, err = s.eval(n, limit); err != nil {
				return nil, err
			}
		}
	}
	return limit, nil
}

// asks says that a tree is about facts.
func (s *selection) asks(n node) bool {
	switch n := n.(type) {
	case either:
		return slices.ContainsFunc(n, s.asks)
	case both:
		return slices.ContainsFunc(n, s.asks)
	case not:
		return s.asks(n.inner)
	case slice:
		return s.asks(n.inner)
	}
	c, ok := s.condition(n.(term).text)
	if ok && c.kind == "" {
		c.kind, _ = s.kindOf(c.path)
	}
	return ok && c.kind == "fact"
}

func (s *selection) not(n not, limit set) (set, error) {
	rest := setOf(s.Hosts()).within(limit)
	inner, err := s.eval(n.inner, rest)
	for h := range inner {
		delete(rest, h)
	}
	return rest, err
}

func (s *selection) slice(found set, of []bounds) set {
	list := s.sorted(found)
	out := set{}
	for i := range cut(of, len(list)) {
		out[list[i]] = true
	}
	return out
}

// bad is a mistake of one word.
func (s *selection) bad(t term, err error) error {
	e := *fault.From(err)
	if t.text != s.expr {
		e.Message = fmt.Sprintf("target %q: %s", s.expr, e.Message)
	}
	return &e
}

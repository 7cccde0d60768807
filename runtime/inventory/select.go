package inventory

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/suggest"
)

// Target expressions, the same in Lua, in tasks and on the command line:
//
//	web1               a host               @web          a group
//	web*               a glob               web[01-20]    a range
//	a, b   a | b       either               a & b         both
//	!a                 all but a            ( )           grouping
//	all                every host           local         this machine
//
// `!` binds tightest, then `&`, then `|` and `,`. "@web & !web3" reads as it
// is written. An expression that matches nothing is an error.

// Select lists the hosts an expression means, in the order of the inventory.
// Where no hosts were declared, plain names are
// hosts of their own: web1, deploy@web1:2222.
func (inv *Inventory) Select(expr string) ([]*Host, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	p := &parser{inv: inv, tokens: tokens(expr), expr: expr, open: !inv.closed}
	found, err := p.union()
	if err == nil && len(p.tokens) > 0 {
		err = p.bad("unexpected %q", p.tokens[0])
	}
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.Usage, "no host matches %q", expr)
	}
	return inv.sorted(found), nil
}

type set map[*Host]bool

// sorted brings a set into the order of the inventory.
func (inv *Inventory) sorted(s set) []*Host {
	var list []*Host
	for _, h := range inv.hosts {
		if s[h] {
			list = append(list, h)
		}
	}
	if s[inv.local] {
		list = append(list, inv.local)
	}
	return list
}

const operators = "&|,!()"

// tokens cuts an expression into words and operators. Brackets of a range are
// part of a word, commas in them as well.
func tokens(expr string) []string {
	var list []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			list = append(list, word.String())
			word.Reset()
		}
	}
	depth := 0
	for _, r := range expr {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		}
		switch {
		case depth <= 0 && strings.ContainsRune(operators, r) && r != ']':
			flush()
			list = append(list, string(r))
		case r == ' ' || r == '\t' || r == '\n':
			flush()
		default:
			word.WriteRune(r)
		}
	}
	flush()
	return list
}

type parser struct {
	inv    *Inventory
	tokens []string
	expr   string
	open   bool // unknown plain names become hosts
}

func (p *parser) next(any string) bool {
	if len(p.tokens) > 0 && strings.Contains(any, p.tokens[0]) {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *parser) bad(format string, args ...any) error {
	return fault.New(fault.Usage, "target %q: %s", p.expr, fmt.Sprintf(format, args...)).
		WithHint(`targets look like web1, web*, web[1-9], @group, "@web & !web3"`)
}

// union reads a | b, c and also plain sequences: "web1 web2".
func (p *parser) union() (set, error) {
	left, err := p.intersection()
	for err == nil && len(p.tokens) > 0 && p.tokens[0] != ")" {
		p.next("|,")
		var right set
		if right, err = p.intersection(); err == nil {
			for h := range right {
				left[h] = true
			}
		}
	}
	return left, err
}

func (p *parser) intersection() (set, error) {
	left, err := p.term()
	for err == nil && p.next("&") {
		var right set
		if right, err = p.term(); err == nil {
			for h := range left {
				if !right[h] {
					delete(left, h)
				}
			}
		}
	}
	return left, err
}

func (p *parser) term() (set, error) {
	if len(p.tokens) == 0 {
		return nil, p.bad("a host or group is missing at the end")
	}
	if p.next("!") {
		inner, err := p.term()
		if err != nil {
			return nil, err
		}
		out := set{}
		for _, h := range p.inv.hosts {
			if !inner[h] {
				out[h] = true
			}
		}
		return out, nil
	}
	if p.next("(") {
		inner, err := p.union()
		if err == nil && !p.next(")") {
			err = p.bad(`a ")" is missing`)
		}
		return inner, err
	}
	word := p.tokens[0]
	if strings.Contains(operators, word) {
		return nil, p.bad("unexpected %q", word)
	}
	p.tokens = p.tokens[1:]
	return p.word(word)
}

// word finds what one name, glob, range or group means.
func (p *parser) word(word string) (set, error) {
	switch name, isGroup := strings.CutPrefix(word, "@"); {
	case isGroup:
		members, err := p.inv.members(name, nil)
		return setOf(members), err
	case word == "all" || word == "*":
		return setOf(p.inv.hosts), nil
	case word == LocalName || word == "localhost" && p.inv.byName[word] == nil:
		return set{p.inv.local: true}, nil
	case strings.Contains(word, "[") && !strings.HasPrefix(word, "["):
		names, err := hostrange.Expand(word)
		if err != nil {
			return nil, fault.From(err)
		}
		return p.names(names)
	case strings.ContainsAny(word, "*?"):
		return p.glob(word), nil
	default:
		return p.names([]string{word})
	}
}

func setOf(hosts []*Host) set {
	s := set{}
	for _, h := range hosts {
		s[h] = true
	}
	return s
}

func (p *parser) glob(pattern string) set {
	out := set{}
	for _, h := range p.inv.hosts {
		if ok, _ := path.Match(pattern, h.Name); ok {
			out[h] = true
		}
	}
	return out
}

func (p *parser) names(names []string) (set, error) {
	out := set{}
	for _, name := range names {
		h := p.inv.byName[name]
		if p.open {
			var err error
			if h, err = p.inv.add(HostSpec{Name: name}); err != nil {
				return nil, err
			}
		}
		if h == nil {
			return nil, p.inv.noHost(name)
		}
		out[h] = true
	}
	return out, nil
}

func (inv *Inventory) noHost(name string) error {
	known := make([]string, 0, len(inv.hosts))
	for _, h := range inv.hosts {
		known = append(known, h.Name)
	}
	e := fault.New(fault.Usage, "no host %q in the inventory", name)
	if slices.Contains(inv.order, name) {
		e.Message += fmt.Sprintf(" (did you mean the group %q?)", "@"+name)
	} else if near := suggest.Nearest(name, known); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}

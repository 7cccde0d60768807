package inventory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
	"gofab/runtime/inventory"
)

// made is an expression and, beside it, the set that it must mean, by the
// plainest arithmetic of sets.
type made struct {
	text string
	is   map[string]bool
}

type maker struct {
	*rand.Rand
	all    []string
	groups map[string][]string
}

// leaf makes a word whose meaning is known.
func (m *maker) leaf() made {
	switch m.IntN(8) {
	case 0:
		name := m.all[m.IntN(len(m.all))]
		return made{name, setOf(name)}
	case 1:
		return made{"all", setOf(m.all...)}
	case 2:
		low := 1 + m.IntN(6)
		high := low + m.IntN(9-low)
		var list []string
		for i := low; i <= high; i++ {
			list = append(list, fmt.Sprintf("n%d", i))
		}
		return made{fmt.Sprintf("n[%d-%d]", low, high), setOf(list...)}
	case 3:
		return m.glob()
	case 4:
		return m.where(fmt.Sprintf("~^n[%d-9]$", 5), func(i int) bool { return i >= 5 && i <= 9 })
	case 5:
		n := m.IntN(12)
		return m.where(fmt.Sprintf("index>=%d", n), func(i int) bool { return i >= n })
	case 6:
		return m.where("kind:odd", func(i int) bool { return i%2 == 1 })
	default:
		return m.group()
	}
}

func (m *maker) glob() made {
	return m.where("n1*", func(i int) bool { return i == 1 || i >= 10 })
}

func (m *maker) where(text string, holds func(i int) bool) made {
	is := map[string]bool{}
	for i, name := range m.all {
		if holds(i + 1) {
			is[name] = true
		}
	}
	return made{text, is}
}

// group takes a group, or the part of one.
func (m *maker) group() made {
	name := []string{"low", "high", "every"}[m.IntN(3)]
	members := m.groups[name]
	if m.IntN(2) == 0 {
		return made{"@" + name, setOf(members...)}
	}
	first := m.IntN(len(members))
	return made{fmt.Sprintf("@%s[%d-]", name, first), setOf(members[first:]...)}
}

func setOf(names ...string) map[string]bool {
	s := map[string]bool{}
	for _, name := range names {
		s[name] = true
	}
	return s
}

// tree makes an expression of several words. Blanks are put where they do not
// matter.
func (m *maker) tree(depth int) made {
	if depth == 0 || m.IntN(4) == 0 {
		return m.leaf()
	}
	blank := strings.Repeat(" ", m.IntN(2))
	a := m.tree(depth - 1)
	switch m.IntN(4) {
	case 0:
		out := setOf(m.all...)
		for name := range a.is {
			delete(out, name)
		}
		return made{"!" + blank + "(" + a.text + ")", out}
	case 1:
		b := m.tree(depth - 1)
		out := map[string]bool{}
		for name := range a.is {
			if b.is[name] {
				out[name] = true
			}
		}
		return made{"(" + a.text + ")" + blank + "&" + blank + "(" + b.text + ")", out}
	case 2:
		return m.slice(a)
	default:
		b := m.tree(depth - 1)
		out := setOf()
		for _, s := range []map[string]bool{a.is, b.is} {
			for name := range s {
				out[name] = true
			}
		}
		return made{"(" + a.text + blank + []string{"|", ",", " "}[m.IntN(3)] + blank + b.text + ")", out}
	}
}

func (m *maker) slice(a made) made {
	var list []string
	for _, name := range m.all {
		if a.is[name] {
			list = append(list, name)
		}
	}
	k := m.IntN(3)
	return made{fmt.Sprintf("(%s)[0-%d]", a.text, k), setOf(list[:min(len(list), k+1)]...)}
}

// TestExpressionsMeanWhatSetsSay: thousands of generated expressions against
// arithmetic of sets.
func TestExpressionsMeanWhatSetsSay(t *testing.T) {
	m := &maker{Rand: rand.New(rand.NewPCG(testenv.Seed(t), 3)), groups: map[string][]string{}}
	text := "name,groups,index,kind\n"
	for i := 1; i <= 12; i++ {
		name, group := fmt.Sprintf("n%d", i), "low"
		if i > 6 {
			group = "high"
		}
		m.all = append(m.all, name)
		m.groups[group], m.groups["every"] = append(m.groups[group], name), append(m.groups["every"], name)
		text += fmt.Sprintf("%s,%s every,%d,%s\n", name, group, i, []string{"even", "odd"}[i%2])
	}
	inv := loaded(t, "hosts.csv", text)
	for range 5000 {
		e := m.tree(4)
		found, err := inv.Select(t.Context(), e.text)
		var got, want []string
		for _, h := range found {
			got = append(got, h.Name)
		}
		for _, name := range m.all {
			if e.is[name] {
				want = append(want, name)
			}
		}
		if !slices.Equal(got, want) || (err != nil) != (len(want) == 0) {
			t.Fatalf("%s:\n got %v, %v\nwant %v", e.text, got, err, want)
		}
	}
}

// TestPrecedence: ! before & before | and comma, without parentheses.
func TestPrecedence(t *testing.T) {
	inv := loaded(t, "hosts.yaml", "g: [a, b, c, d]\n")
	for expr, same := range map[string]string{
		"a | b & c":        "a | (b & c) | a",
		"a, b & !b | c":    "a, (b & (!b)) | c",
		"!a & b | c":       "((!a) & b) | c",
		"a b & b":          "a | (b & b)",
		"!!a":              "a",
		"!(a|b) & !c, a":   "d, a",
		"a&b|a&a":          "a",
		"(a, b, c)[1] | d": "b d",
	} {
		x, errX := inv.Select(t.Context(), expr)
		y, errY := inv.Select(t.Context(), same)
		if errX != nil || errY != nil || names(x) != names(y) {
			t.Errorf("%s is %q (%v), %s is %q (%v)", expr, names(x), errX, same, names(y), errY)
		}
	}
}

// A fact is asked only from the hosts that the rest of an & leaves.
func TestFactsAreAskedOfTheHostsThatAreLeft(t *testing.T) {
	inv := fleet(t)
	inv.FactNames = []string{"os", "memory"}
	var asked []string
	inv.Facts = func(_ context.Context, hosts []*inventory.Host) (map[string]map[string]any, error) {
		known := map[string]map[string]any{}
		for _, h := range hosts {
			asked = append(asked, h.Name)
			known[h.Name] = map[string]any{"os": "linux", "memory": map[string]any{"total": float64(len(asked)) * (4 << 30)}}
		}
		return known, nil
	}
	for expr, want := range map[string][2]string{
		"os:linux & @db":                       {"db1 db2", "db1 db2"},
		"@db & fact.os:linux":                  {"db1 db2", "db1 db2"},
		"(os:linux | web1) & web*":             {"web1 web2 web3", "web1 web2 web3"},
		"@web & !web3 & memory.total>4G":       {"web2", "web1 web2"},
		"!os:linux & @web | db1":               {"db1", "web1 web2 web3"},
		"os:lin* & @db & tier:front | canary*": {"", ""},
		"os:linux & local":                     {"local", "local"},
		"os!=linux | web1":                     {"web1", "web1 web2 web3 db1 db2"},
	} {
		asked = nil
		found, err := inv.Select(t.Context(), expr)
		if names(found) != want[0] || strings.Join(asked, " ") != want[1] || (err != nil) != (want[0] == "") {
			t.Errorf("%s: got %q, %v, asked %v; want %q", expr, names(found), err, asked, want)
		}
	}
}

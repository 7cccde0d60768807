package inventory

import (
	"cmp"
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/suggest"
)

// condition is a word about a variable or a fact: tier:web, port>=8000,
// fact.os:linux, var.tier.
type condition struct {
	kind string // "var", "fact", or "" where the name decides
	path string
	op   string // "" is "is set"
	text string
}

var conditionForm = regexp.MustCompile(`^(?:(var|fact)\.)?([A-Za-z_][\w.-]*?)(?:(!=|>=|<=|[:=<>])(.*))?$`)

// condition reads such a word. A name alone is one only behind var. or fact.,
// and where nothing was declared web1:22 is a host.
func (s *selection) condition(word string) (condition, bool) {
	m := conditionForm.FindStringSubmatch(word)
	if m == nil || m[1] == "" && m[3] == "" {
		return condition{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m[1] == "" && !s.closed && m[3] == ":" {
		return condition{}, false
	}
	return condition{m[1], m[2], m[3], m[4]}, true
}

// conditional finds the hosts that fulfil a condition. Names that no variable
// has are facts.
func (s *selection) conditional(c condition, limit set) (set, error) {
	if c.op != "" && c.text == "" {
		return nil, fault.New(fault.Usage, "a value is missing after %s%s", c.path, c.op)
	}
	if c.op == ":" && !validGlob(c.text) {
		return nil, fault.New(fault.Usage, "%q is no pattern", c.text)
	}
	if c.kind == "" {
		var err error
		if c.kind, err = s.kindOf(c.path); err != nil {
			return nil, err
		}
	}
	if c.kind == "fact" {
		return s.facts(c, limit)
	}
	return s.filter(func(h *Host) bool { return c.holds(h.Vars) }), nil
}

// kindOf tells whether a name is a variable or a fact.
func (s *selection) kindOf(path string) (string, error) {
	first, _, _ := strings.Cut(path, ".")
	hosts := s.Hosts()
	for _, h := range hosts {
		if _, ok := h.Vars[first]; ok {
			return "var", nil
		}
		if _, ok := h.Vars[path]; ok {
			return "var", nil
		}
	}
	if slices.Contains(s.FactNames, first) {
		return "fact", nil
	}
	e := fault.New(fault.Usage, "no variable and no fact is called %q", first)
	if near := suggest.Nearest(first, append(varNames(hosts), s.FactNames...)); near != "" {
		e.Message += " (did you mean " + strconv.Quote(near) + "?)"
	}
	return "", e.WithHint("var.NAME:VALUE is about a variable even where no host has it, fact.NAME:VALUE about a fact")
}

// varNames lists the variables of hosts, each once.
func varNames(hosts []*Host) []string {
	seen := map[string]bool{}
	for _, h := range hosts {
		for name := range h.Vars {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// facts asks the hosts within the limit.
func (s *selection) facts(c condition, limit set) (set, error) {
	if limit == nil {
		limit = setOf(s.Hosts())
	}
	if len(limit) == 0 {
		return set{}, nil
	}
	if s.Facts == nil {
		return nil, fault.New(fault.Usage, "facts can only be asked in a run")
	}
	known, err := s.Facts(s.ctx, s.sorted(limit))
	if err != nil {
		return nil, err
	}
	out := set{}
	for h := range limit {
		if c.holds(known[h.Name]) {
			out[h] = true
		}
	}
	return out, context.Cause(s.ctx)
}

// holds says that values fulfil the condition. A name without a value does
// not, whatever the comparison; of a list one item is enough.
func (c condition) holds(values map[string]any) bool {
	value, ok := Var(values, c.path)
	if !ok || value == nil {
		return false
	}
	if list, isList := value.([]any); isList && c.op != "" {
		matches := func(item any) bool { return c.compare(item) }
		if c.op == "!=" {
			return !slices.ContainsFunc(list, func(item any) bool { return condition{op: "=", text: c.text}.compare(item) })
		}
		return slices.ContainsFunc(list, matches)
	}
	return c.op == "" || c.compare(value)
}

func (c condition) compare(value any) bool {
	text, ok := scalarText(value)
	if !ok {
		return false
	}
	switch c.op {
	case ":":
		matched, _ := path.Match(escapeSlash(c.text), escapeSlash(text))
		return matched
	case "=":
		return order(value, text, c.text) == 0
	case "!=":
		return order(value, text, c.text) != 0
	case "<":
		return order(value, text, c.text) < 0
	case "<=":
		return order(value, text, c.text) <= 0
	case ">":
		return order(value, text, c.text) > 0
	default:
		return order(value, text, c.text) >= 0
	}
}

// escapeSlash lets a * of a pattern match a slash as well.
func escapeSlash(text string) string { return strings.ReplaceAll(text, "/", "\x01") }

func validGlob(pattern string) bool {
	_, err := path.Match(pattern, "")
	return err == nil
}

// order compares a value with a text: numbers as numbers, also with sizes
// (8G), and texts as people order names and versions: 5.9 before 5.10.
func order(value any, text, with string) int {
	if a, ok := asNumber(value, text); ok {
		if b, err := strconv.ParseFloat(with, 64); err == nil {
			return cmp.Compare(a, b)
		}
		if b, err := kit.ParseSize(with); err == nil {
			return cmp.Compare(a, float64(b))
		}
	}
	return hostrange.Compare(text, with)
}

var sized = regexp.MustCompile(`^[0-9.]+\s*[KMGT]i?B?$`)

// asNumber takes numbers, and texts that are sizes.
func asNumber(value any, text string) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case string:
		size, err := kit.ParseSize(text)
		return float64(size), err == nil && sized.MatchString(text)
	}
	return 0, false
}

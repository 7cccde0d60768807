package inventory

import (
	"strconv"
	"strings"
)

// An expression is a tree. Each node gives the hosts it means among others:
// the left side of & narrows what the right side has to look at.
type node any

type (
	either []node // a | b, a, b
	both   []node // a & b
	not    struct{ inner node }
	term   struct{ text string }
	slice  struct { // (a)[0-4]
		inner node
		of    []bounds
	}
)

// bounds are two positions, both included; negative ones count from the end.
type bounds struct{ first, last int }

const end = -1 // the last position

// maxNesting bounds parentheses and negations.
const maxNesting = 200

type parser struct {
	expr   string
	tokens []token
	depth  int
}

// parse reads an expression.
func parse(expr string) (node, error) {
	list, err := tokens(expr)
	if err != nil {
		return nil, err
	}
	p := &parser{expr: expr, tokens: list}
	n, err := p.union()
	if err == nil && len(p.tokens) > 0 {
		err = badTarget(expr, p.tokens[0].at, "unexpected %q", p.tokens[0].text)
	}
	return n, err
}

// next takes an operator if it is one of these.
func (p *parser) next(any string) bool {
	if len(p.tokens) > 0 && !p.tokens[0].word && strings.Contains(any, p.tokens[0].text) {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *parser) ends() bool {
	return len(p.tokens) == 0 || !p.tokens[0].word && p.tokens[0].text == ")"
}

// union reads a | b, c and also plain sequences: "web1 web2".
func (p *parser) union() (node, error) {
	first, err := p.intersection()
	list := either{first}
	for err == nil && !p.ends() {
		p.next("|,")
		var more node
		more, err = p.intersection()
		list = append(list, more)
	}
	if len(list) == 1 {
		return first, err
	}
	return list, err
}

func (p *parser) intersection() (node, error) {
	first, err := p.operand()
	list := both{first}
	for err == nil && p.next("&") {
		var more node
		more, err = p.operand()
		list = append(list, more)
	}
	if len(list) == 1 {
		return first, err
	}
	return list, err
}

func (p *parser) operand() (node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, badTarget(p.expr, 0, "nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	if len(p.tokens) == 0 {
		return nil, badTarget(p.expr, 0, "a host or group is missing at the end")
	}
	t := p.tokens[0]
	switch {
	case p.next("!"):
		inner, err := p.operand()
		return not{inner}, err
	case p.next("("):
		return p.group(t)
	case !t.word:
		return nil, badTarget(p.expr, t.at, "unexpected %q", t.text)
	}
	p.tokens = p.tokens[1:]
	return term{t.text}, nil
}

// group reads what is between parentheses, and a slice behind them.
func (p *parser) group(open token) (node, error) {
	inner, err := p.union()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) == 0 {
		return nil, badTarget(p.expr, open.at, `a ")" is missing`)
	}
	behind := p.tokens[0].at + 1
	p.next(")")
	if len(p.tokens) > 0 && p.tokens[0].at == behind && strings.HasPrefix(p.tokens[0].text, "[") {
		t := p.tokens[0]
		p.tokens = p.tokens[1:]
		of, ok := parseSlice(t.text)
		if !ok {
			return nil, badTarget(p.expr, t.at, "%q is no slice: want [0-4], [2-], [0,3] or [-1]", t.text)
		}
		return slice{inner, of}, nil
	}
	return inner, nil
}

// parseSlice reads [0-4], [0:4], [2-], [-3:], [0,3], [-1]. Positions begin at
// 0, as in ClusterShell and Ansible.
func parseSlice(text string) ([]bounds, bool) {
	inside, ok := strings.CutSuffix(strings.TrimPrefix(text, "["), "]")
	if !ok || !strings.HasPrefix(text, "[") {
		return nil, false
	}
	var list []bounds
	for _, part := range strings.Split(inside, ",") {
		b, ok := parseBounds(strings.TrimSpace(part))
		if !ok {
			return nil, false
		}
		list = append(list, b)
	}
	return list, true
}

func parseBounds(text string) (bounds, bool) {
	from, to, ranged := strings.Cut(text, ":")
	if !ranged && len(text) > 1 {
		if i := strings.Index(text[1:], "-"); i >= 0 {
			from, to, ranged = text[:i+1], text[i+2:], true
		}
	}
	first, err := strconv.Atoi(from)
	if from == "" && ranged {
		first, err = 0, nil
	}
	if err != nil || !ranged {
		return bounds{first, first}, err == nil
	}
	if to == "" {
		return bounds{first, end}, true
	}
	last, err := strconv.Atoi(to)
	return bounds{first, last}, err == nil
}

// cut gives the positions of a slice that a list of n has.
func cut(of []bounds, n int) map[int]bool {
	chosen := map[int]bool{}
	place := func(i int) int {
		if i < 0 {
			return i + n
		}
		return i
	}
	for _, b := range of {
		for i := max(place(b.first), 0); i <= min(place(b.last), n-1); i++ {
			chosen[i] = true
		}
	}
	return chosen
}

// Check finds mistakes in the form of an expression.
func Check(expr string) error {
	_, err := parse(expr)
	return err
}

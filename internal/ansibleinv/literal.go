package ansibleinv

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal reads a value of an INI file: a literal of Python where it is one
// (5, 1.5, True, None, "text", [1, 2], {"a": 1}), else the text as it stands.
func literal(text string) any {
	p := &python{rest: strings.TrimLeft(text, " \t")}
	value, ok := p.whole()
	if !ok {
		return text
	}
	return value
}

// python reads literals from the front of a text.
type python struct {
	rest  string
	depth int
}

const maxNesting = 90 // as deep as Python's own parser goes

// whole reads one value up to the end; values with commas between are a list.
func (p *python) whole() (any, bool) {
	p.blank()
	value, ok := p.value()
	if !ok {
		return nil, false
	}
	p.blank()
	if p.take(",") {
		list := []any{value}
		for p.blank(); p.rest != ""; p.blank() {
			if value, ok = p.value(); !ok {
				return nil, false
			}
			list = append(list, value)
			if p.blank(); !p.take(",") {
				break
			}
		}
		value = list
	}
	p.blank()
	return value, p.rest == ""
}

// blank skips white space, and a comment at the end.
func (p *python) blank() {
	p.rest = strings.TrimLeft(p.rest, " \t\f")
	if strings.HasPrefix(p.rest, "#") && p.depth == 0 {
		p.rest = ""
	}
}

func (p *python) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *python) value() (any, bool) {
	if p.depth++; p.depth > maxNesting || p.rest == "" {
		return nil, false
	}
	defer func() { p.depth-- }()
	switch c := p.rest[0]; {
	case c == '[':
		return p.list("[", "]")
	case c == '(':
		return p.tuple()
	case c == '{':
		return p.dict()
	case c == '-' || c == '+':
		return p.signed()
	case c >= '0' && c <= '9' || c == '.':
		return p.number()
	case c == '"' || c == '\'':
		return p.strings()
	default:
		return p.word()
	}
}

// word reads the names of constants, and texts with a prefix.
func (p *python) word() (any, bool) {
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf)
	})
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	switch word {
	case "None":
		p.rest = p.rest[end:]
		return nil, true
	case "True", "False":
		p.rest = p.rest[end:]
		return word == "True", true
	}
	if end < len(p.rest) && (p.rest[end] == '"' || p.rest[end] == '\'') && end > 0 {
		return p.strings()
	}
	return nil, false
}

func (p *python) signed() (any, bool) {
	minus := p.rest[0] == '-'
	p.rest = p.rest[1:]
	p.blank()
	if p.rest == "" || p.rest[0] != '.' && (p.rest[0] < '0' || p.rest[0] > '9') {
		return nil, false
	}
	value, ok := p.number()
	if n, isNumber := value.(float64); isNumber && minus {
		return 0 - n, ok // and not -n: a zero has no sign
	}
	if text, isText := value.(string); isText && minus {
		return "-" + text, ok
	}
	return value, ok
}

// number reads whole numbers and decimals.
func (p *python) number() (any, bool) {
	end := 0
	for end < len(p.rest) {
		c := p.rest[end]
		exponent := (c == '+' || c == '-') && end > 0 && (p.rest[end-1]|0x20) == 'e' && !strings.HasPrefix(strings.ToLower(p.rest), "0x")
		if !(c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || exponent) {
			break
		}
		end++
	}
	text := p.rest[:end]
	p.rest = p.rest[end:]
	return pythonNumber(text)
}

// The forms of numbers in Python; digits may have single underscores between.
var (
	wholeNumber = regexp.MustCompile(`^(?:0(?:_?0)*|[1-9](?:_?[0-9])*)$`)
	basedNumber = regexp.MustCompile(`^0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)$`)
	realNumber  = regexp.MustCompile(strings.ReplaceAll(`^(?:(?:(?:D)?\.D|D\.)(?:[eE][+-]?D)?|D[eE][+-]?D)$`, "D", `[0-9](?:_?[0-9])*`))
)

// pythonNumber reads a number; whole ones that a float64 cannot hold are text.
func pythonNumber(text string) (any, bool) {
	digits := strings.ReplaceAll(text, "_", "")
	base := 10
	switch {
	case wholeNumber.MatchString(text):
	case basedNumber.MatchString(text):
		base = 0 // as its prefix says
	case realNumber.MatchString(text):
		f, err := strconv.ParseFloat(digits, 64)
		return f, err == nil
	default:
		return nil, false
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, false
	}
	if n.CmpAbs(big.NewInt(1<<53)) > 0 {
		return n.String(), true
	}
	return float64(n.Int64()), true
}

func (p *python) list(open, end string) ([]any, bool) {
	p.take(open)
	list := []any{}
	for {
		p.blank()
		if p.take(end) {
			return list, true
		}
		value, ok := p.value()
		if !ok {
			return nil, false
		}
		list = append(list, value)
		if p.blank(); !p.take(",") {
			return list, p.take(end)
		}
	}
}

// tuple reads ( ): one value alone is that value.
func (p *python) tuple() (any, bool) {
	before := p.rest
	list, ok := p.list("(", ")")
	if !ok {
		return nil, false
	}
	inside := strings.TrimRight(before[1:len(before)-len(p.rest)-1], " \t\f")
	if len(list) == 1 && !strings.HasSuffix(inside, ",") {
		return list[0], true
	}
	return list, true
}

// dict reads { }: names become text.
func (p *python) dict() (any, bool) {
	p.take("{")
	table := map[string]any{}
	for {
		p.blank()
		if p.take("}") {
			return table, true
		}
		key, ok := p.value()
		name, isName := key.(string)
		if p.blank(); !ok || !isName || !p.take(":") {
			return nil, false // a set, or a name that is no text
		}
		p.blank()
		if table[name], ok = p.value(); !ok {
			return nil, false
		}
		if p.blank(); !p.take(",") {
			return table, p.take("}")
		}
	}
}

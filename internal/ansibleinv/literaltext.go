package ansibleinv

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// strings reads texts that stand side by side.
func (p *python) strings() (any, bool) {
	var all strings.Builder
	found := false
	for {
		prefix, quote := p.opening()
		if quote == "" {
			return all.String(), found
		}
		p.rest = p.rest[len(prefix)+len(quote):]
		if !p.text(&all, quote, strings.EqualFold(prefix, "r")) {
			return nil, false
		}
		found = true
		p.blank()
	}
}

// opening looks for a prefix and a quotation mark.
func (p *python) opening() (prefix, quote string) {
	i := strings.IndexAny(p.rest, `"'`)
	if i < 0 || i > 1 {
		return "", ""
	}
	prefix = p.rest[:i]
	switch strings.ToLower(prefix) {
	case "", "r", "u":
	default:
		return "", ""
	}
	quote = p.rest[i : i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(p.rest[i:], triple) {
		quote = triple
	}
	return prefix, quote
}

// text reads up to the closing quotation mark.
func (p *python) text(into *strings.Builder, quote string, raw bool) bool {
	for p.rest != "" {
		switch {
		case strings.HasPrefix(p.rest, quote):
			p.rest = p.rest[len(quote):]
			return true
		case p.rest[0] == '\\' && len(p.rest) > 1 && raw:
			into.WriteString(p.rest[:2])
			p.rest = p.rest[2:]
		case p.rest[0] == '\\':
			if !p.escape(into) {
				return false
			}
		default:
			into.WriteByte(p.rest[0])
			p.rest = p.rest[1:]
		}
	}
	return false
}

const (
	escapes = `abfnrtv\'"`
	meaning = "\a\b\f\n\r\t\v\\'\""
)

// escape reads what a backslash begins; one without a meaning stays.
func (p *python) escape(into *strings.Builder) bool {
	if len(p.rest) < 2 {
		return false
	}
	c := p.rest[1]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		into.WriteByte(meaning[i])
		p.rest = p.rest[2:]
		return true
	}
	switch {
	case c >= '0' && c <= '7':
		end := 2
		for end < len(p.rest) && end < 4 && p.rest[end] >= '0' && p.rest[end] <= '7' {
			end++
		}
		return p.code(into, p.rest[1:end], 8, end)
	case c == 'x':
		return p.hex(into, 2)
	case c == 'u':
		return p.hex(into, 4)
	case c == 'U':
		return p.hex(into, 8)
	case c == 'N':
		return false // a name of Unicode
	}
	into.WriteByte('\\')
	p.rest = p.rest[1:]
	return true
}

func (p *python) hex(into *strings.Builder, digits int) bool {
	if len(p.rest) < 2+digits {
		return false
	}
	return p.code(into, p.rest[2:2+digits], 16, 2+digits)
}

func (p *python) code(into *strings.Builder, digits string, base, length int) bool {
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune {
		return false
	}
	into.WriteRune(rune(n))
	p.rest = p.rest[length:]
	return true
}

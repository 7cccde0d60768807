// Package luastr is the string library of Lua 5.1 over Go strings: patterns,
// format, repetition, and numbers as text. It knows no interpreter.
//
// The behaviour is that of PUC Lua 5.1.5 in the C locale, error messages
// included, and checked against it by tests. Deliberate differences:
//
//   - A pattern that recurses too deep is the error "pattern too complex", where
//     PUC Lua overruns the C stack.
//   - Rep and Format refuse to make a string larger than a limit.
//   - Matching can be stopped from outside (Matcher.Poll).
package luastr

import "strings"

// Pattern is a Lua pattern prepared for matching. It may be used by many
// goroutines at once.
type Pattern struct {
	text   string       // up to the first NUL, where PUC Lua's patterns end
	whole  string       // as it was given
	sets   map[int]*set // the [sets] by where they begin
	plain  bool         // no special characters: string.find looks for it as it is
	prefix int          // the byte every match begins with, or -1
}

// set is one bit for each byte value.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *set) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

const specials = "^$*+?.([%-"

// Compile prepares a pattern. It never fails: PUC Lua reports a malformed
// pattern only when matching comes to the place, and so does Find.
func Compile(pattern string) *Pattern {
	text, _, _ := strings.Cut(pattern, "\x00")
	p := &Pattern{text: text, whole: pattern, plain: !strings.ContainsAny(text, specials), prefix: -1}
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '%':
			at++
		case '[':
			if end := setEnd(text, at+1); end > 0 {
				p.addSet(at, end)
				at = end - 1
			}
		}
	}
	p.findPrefix()
	return p
}

// setEnd gives the place after the "]" of the set whose "[" is before at, or
// -1 when there is none.
func setEnd(text string, at int) int {
	if at < len(text) && text[at] == '^' {
		at++
	}
	for first := true; first || at >= len(text) || text[at] != ']'; first = false {
		if at >= len(text) {
			return -1
		}
		at++
		if text[at-1] == '%' && at < len(text) {
			at++
		}
	}
	return at + 1
}

func (p *Pattern) addSet(at, end int) {
	if p.sets == nil {
		p.sets = map[int]*set{}
	}
	p.sets[at] = parseSet(p.text, at, end-1)
}

// parseSet reads [ ... ] with its "]" at last.
func parseSet(text string, at, last int) *set {
	s := &set{}
	at++
	negated := text[at] == '^'
	if negated {
		at++
	}
	for at < last {
		switch {
		case text[at] == '%':
			at++
			addClass(s, text[at])
			at++
		case at+2 < last && text[at+1] == '-':
			for c := int(text[at]); c <= int(text[at+2]); c++ {
				s.add(byte(c))
			}
			at += 3
		default:
			s.add(text[at])
			at++
		}
	}
	if negated {
		s.invert()
	}
	return s
}

func addClass(s *set, class byte) {
	for c := range 256 {
		if inClass(byte(c), class) {
			s.add(byte(c))
		}
	}
}

// findPrefix notes the byte that every match begins with, so that a search can
// jump to it.
func (p *Pattern) findPrefix() {
	if p.text == "" || strings.IndexByte(specials+")", p.text[0]) >= 0 {
		return
	}
	if len(p.text) > 1 && strings.IndexByte("*?-", p.text[1]) >= 0 {
		return
	}
	p.prefix = int(p.text[0])
}

// Classes of characters, one bit each, as ctype.h has them in the C locale.
const (
	alpha = 1 << iota
	cntrl
	digit
	lower
	punct
	space
	upper
	hex
)

var ctype = func() (table [256]uint8) {
	for c := range 128 {
		switch b := byte(c); {
		case b >= 'a' && b <= 'z':
			table[c] = alpha | lower
		case b >= 'A' && b <= 'Z':
			table[c] = alpha | upper
		case b >= '0' && b <= '9':
			table[c] = digit | hex
		case b == ' ':
			table[c] = space
		case b >= '\t' && b <= '\r':
			table[c] = space | cntrl
		case b < ' ' || b == 127:
			table[c] = cntrl
		default:
			table[c] = punct
		}
		if c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			table[c] |= hex
		}
	}
	return table
}()

// classMask gives the ctype bits of a class letter, in lower case.
var classMask = [256]uint8{
	'a': alpha, 'c': cntrl, 'd': digit, 'l': lower, 'p': punct, 's': space, 'u': upper, 'w': alpha | digit, 'x': hex,
}

// inClass tells whether c is matched by %class.
func inClass(c, class byte) bool {
	small := class | 0x20
	if small == 'z' && ctype[class]&alpha != 0 {
		return (c == 0) == (class == 'z')
	}
	mask := classMask[small]
	if mask == 0 || ctype[class]&alpha == 0 {
		return class == c
	}
	return (ctype[c]&mask != 0) == (class == small)
}

// Cache keeps prepared patterns. It is for one interpreter: not safe for
// concurrent use.
type Cache struct{ patterns map[string]*Pattern }

// maxCached bounds the cache; a script that makes patterns without end starts
// over.
const maxCached = 512

// Get prepares a pattern, or gives the one prepared before.
func (c *Cache) Get(pattern string) *Pattern {
	if p := c.patterns[pattern]; p != nil {
		return p
	}
	if c.patterns == nil || len(c.patterns) >= maxCached {
		c.patterns = make(map[string]*Pattern)
	}
	p := Compile(pattern)
	c.patterns[pattern] = p
	return p
}

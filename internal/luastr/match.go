package luastr

import (
	"errors"
)

// MaxCaptures is how many captures a pattern may have (LUA_MAXCAPTURES).
const MaxCaptures = 32

// maxDepth bounds the recursion of a match.
const maxDepth = 200_000

// pollEvery is how many steps pass between two calls of Poll.
const pollEvery = 1 << 14

// States of a capture besides its length.
const (
	unfinished = -1
	position   = -2
)

type capture struct{ start, length int }

// Matcher matches patterns against one subject at a time. The zero value is
// ready; one matcher serves one goroutine.
type Matcher struct {
	Poll func() error // called now and then; its error ends the match

	src      string
	pattern  *Pattern
	pat      string
	level    int
	depth    int
	steps    int
	err      error
	captures [MaxCaptures]capture
}

func (m *Matcher) fail(text string) int {
	if m.err == nil {
		m.err = errors.New(text)
	}
	return -1
}

// begin prepares for one subject.
func (m *Matcher) begin(src string, p *Pattern) {
	m.src, m.pattern, m.pat, m.err = src, p, p.text, nil
}

// tick counts work and asks Poll.
func (m *Matcher) tick(n int) bool {
	if m.steps += n; m.steps < pollEvery || m.Poll == nil {
		return m.err == nil
	}
	m.steps = 0
	if err := m.Poll(); err != nil && m.err == nil {
		m.err = err
	}
	return m.err == nil
}

// start tries a match at s with the pattern from p on.
func (m *Matcher) start(s, p int) int {
	m.level, m.depth = 0, 0
	return m.match(s, p)
}

// match gives the end of the match of pat[p:] at s, or -1.
func (m *Matcher) match(s, p int) int { //nolint:cyclop,gocognit // one loop over the items of a pattern: calls in it cost half the speed
	for {
		if !m.tick(1) {
			return -1
		}
		if p == len(m.pat) {
			return s
		}
		switch m.pat[p] {
		case '(':
			if p+1 < len(m.pat) && m.pat[p+1] == ')' {
				return m.open(s, p+2, position)
			}
			return m.open(s, p+1, unfinished)
		case ')':
			return m.close(s, p+1)
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		case '%':
			next, at, done := m.escape(s, p)
			if next < 0 {
				return -1
			}
			if done {
				s, p = next, at
				continue
			}
		}
		end := m.itemEnd(p)
		if end < 0 {
			return -1
		}
		if end < len(m.pat) {
			switch m.pat[end] {
			case '?':
				if s < len(m.src) && m.single(m.src[s], p) {
					if e := m.deeper(s+1, end+1); e >= 0 || m.err != nil {
						return e
					}
				}
				p = end + 1
				continue
			case '*':
				return m.expand(s, p, end, 0)
			case '+':
				return m.expand(s, p, end, 1)
			case '-':
				return m.shortest(s, p, end)
			}
		}
		if s >= len(m.src) || !m.single(m.src[s], p) {
			return -1
		}
		s, p = s+1, end
	}
}

// deeper is match one level down.
func (m *Matcher) deeper(s, p int) int {
	if m.depth++; m.depth > maxDepth {
		return m.fail("pattern too complex")
	}
	e := m.match(s, p)
	m.depth--
	return e
}

// escape handles %b, %f and %1 to %9. It gives where to go on; done is false
// for any other escape, and next is -1 when there is no match.
func (m *Matcher) escape(s, p int) (next, at int, done bool) {
	if p+1 >= len(m.pat) {
		return s, p, false // itemEnd tells
	}
	switch c := m.pat[p+1]; {
	case c == 'b':
		return m.balance(s, p+2), p + 4, true
	case c == 'f':
		return m.frontier(s, p+2)
	case c >= '0' && c <= '9':
		return m.again(s, c), p + 2, true
	}
	return s, p, false
}

// itemEnd gives the place after one pattern item: a character, a class, a set.
func (m *Matcher) itemEnd(p int) int {
	switch m.pat[p] {
	case '%':
		if p+1 >= len(m.pat) {
			return m.fail("malformed pattern (ends with '%')")
		}
		return p + 2
	case '[':
		end := setEnd(m.pat, p+1)
		if end < 0 {
			return m.fail("malformed pattern (missing ']')")
		}
		return end
	default:
		return p + 1
	}
}

// single tells whether the item at p matches one byte.
func (m *Matcher) single(c byte, p int) bool {
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pat[p+1])
	case '[':
		return m.setAt(p).has(c)
	default:
		return m.pat[p] == c
	}
}

// setAt gives the set that begins at p. Compile has read all sets that begin
// outside another item; garbage can begin one elsewhere.
func (m *Matcher) setAt(p int) *set {
	if s := m.pattern.sets[p]; s != nil {
		return s
	}
	return parseSet(m.pat, p, setEnd(m.pat, p+1)-1)
}

// expand matches as many as it can, then gives back one by one.
func (m *Matcher) expand(s, p, end, least int) int {
	count := m.run(s, p)
	if !m.tick(count) {
		return -1
	}
	for ; count >= least; count-- {
		if e := m.deeper(s+count, end+1); e >= 0 || m.err != nil {
			return e
		}
	}
	return -1
}

// run counts how many bytes from s on match the item at p.
func (m *Matcher) run(s, p int) int {
	rest := m.src[s:]
	switch m.pat[p] {
	case '.':
		return len(rest)
	case '%':
		class := m.pat[p+1]
		for i := range len(rest) {
			if !inClass(rest[i], class) {
				return i
			}
		}
	case '[':
		set := m.setAt(p)
		for i := range len(rest) {
			if !set.has(rest[i]) {
				return i
			}
		}
	default:
		c := m.pat[p]
		for i := range len(rest) {
			if rest[i] != c {
				return i
			}
		}
	}
	return len(rest)
}

// shortest matches as few as it can.
func (m *Matcher) shortest(s, p, end int) int {
	for {
		if e := m.deeper(s, end+1); e >= 0 || m.err != nil {
			return e
		}
		if s >= len(m.src) || !m.single(m.src[s], p) {
			return -1
		}
		s++
	}
}

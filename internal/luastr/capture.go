package luastr

import (
	"strings"
)

// Captures, back references, balanced pairs and frontiers.

func (m *Matcher) open(s, p, what int) int {
	if m.level >= MaxCaptures {
		return m.fail("too many captures")
	}
	m.captures[m.level] = capture{s, what}
	m.level++
	e := m.deeper(s, p)
	if e < 0 {
		m.level--
	}
	return e
}

func (m *Matcher) close(s, p int) int {
	for l := m.level - 1; l >= 0; l-- {
		if m.captures[l].length != unfinished {
			continue
		}
		m.captures[l].length = s - m.captures[l].start
		e := m.deeper(s, p)
		if e < 0 {
			m.captures[l].length = unfinished
		}
		return e
	}
	return m.fail("invalid pattern capture")
}

// again matches what a capture has matched before.
func (m *Matcher) again(s int, digit byte) int {
	l := int(digit) - '1'
	if l < 0 || l >= m.level || m.captures[l].length == unfinished {
		return m.fail("invalid capture index")
	}
	c := m.captures[l]
	if c.length < 0 || !strings.HasPrefix(m.src[s:], m.src[c.start:c.start+c.length]) {
		return -1
	}
	return s + c.length
}

// balance matches %bxy.
func (m *Matcher) balance(s, p int) int {
	if p+1 >= len(m.pat) {
		return m.fail("unbalanced pattern")
	}
	if s >= len(m.src) || m.src[s] != m.pat[p] {
		return -1
	}
	depth := 1
	for i := s + 1; i < len(m.src); i++ {
		switch m.src[i] {
		case m.pat[p+1]:
			if depth--; depth == 0 {
				m.tick(i - s)
				return i + 1
			}
		case m.pat[p]:
			depth++
		}
	}
	m.tick(len(m.src) - s)
	return -1
}

// frontier matches %f[set]: the place between a byte outside the set and one
// inside. Before and behind the subject is a NUL.
func (m *Matcher) frontier(s, p int) (next, at int, done bool) {
	if p >= len(m.pat) || m.pat[p] != '[' {
		return m.fail("missing '[' after '%f' in pattern"), p, true
	}
	end := m.itemEnd(p)
	if end < 0 {
		return -1, p, true
	}
	var before, after byte
	if s > 0 {
		before = m.src[s-1]
	}
	if s < len(m.src) {
		after = m.src[s]
	}
	set := m.setAt(p)
	if set.has(before) || !set.has(after) {
		return -1, p, true
	}
	return s, end, true
}

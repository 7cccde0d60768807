package luastr

import (
	"errors"
	"strings"
)

// Start turns Lua's init argument into an offset: 1 is the beginning, -1 the
// last byte; it is kept inside the subject.
func Start(src string, init int) int {
	if init < 0 {
		init += len(src)
	} else {
		init--
	}
	return max(0, min(init, len(src)))
}

// Find looks for the first match from offset init on. start is -1 when there
// is none. With plain, or when the pattern has no special characters, the
// pattern is looked for as it is.
func (m *Matcher) Find(src string, p *Pattern, init int, plain bool) (start, end int, err error) {
	if plain || p.plain {
		m.level = 0
		at := strings.Index(src[init:], p.whole)
		if at < 0 {
			return -1, -1, nil
		}
		return init + at, init + at + len(p.whole), nil
	}
	return m.Match(src, p, init)
}

// Match looks for the first match from offset init on, by the rules of
// patterns. start is -1 when there is none.
func (m *Matcher) Match(src string, p *Pattern, init int) (start, end int, err error) {
	m.begin(src, p)
	if strings.HasPrefix(p.text, "^") {
		if e := m.start(init, 1); e >= 0 && m.err == nil {
			return init, e, nil
		}
		return -1, -1, m.err
	}
	return m.search(init)
}

// Next looks for the next match from offset init on, as gmatch does: "^" is an
// ordinary character.
func (m *Matcher) Next(src string, p *Pattern, init int) (start, end int, err error) {
	m.begin(src, p)
	if strings.HasPrefix(p.text, "^") {
		return m.each(init)
	}
	return m.search(init)
}

func (m *Matcher) search(init int) (start, end int, err error) {
	if m.pattern.prefix < 0 {
		return m.each(init)
	}
	c := byte(m.pattern.prefix)
	for s := init; s < len(m.src); s++ {
		skip := strings.IndexByte(m.src[s:], c)
		if skip < 0 || !m.tick(1) {
			break
		}
		s += skip
		if e := m.start(s, 0); e >= 0 || m.err != nil {
			return s, e, m.err
		}
	}
	return -1, -1, m.err
}

func (m *Matcher) each(init int) (start, end int, err error) {
	for s := init; s <= len(m.src); s++ {
		if e := m.start(s, 0); e >= 0 || m.err != nil {
			return s, e, m.err
		}
	}
	return -1, -1, nil
}

// Captures is how many captures the last match has.
func (m *Matcher) Captures() int { return m.level }

// Capture gives capture i, from 0, of the last match, which went from start to
// end. Without captures, the whole match is the first. For a position capture,
// text is "" and at is its place, counted from 1; at is 0 otherwise.
func (m *Matcher) Capture(i, start, end int) (text string, at int, err error) {
	if i >= m.level {
		if i == 0 {
			return m.src[start:end], 0, nil
		}
		return "", 0, errors.New("invalid capture index")
	}
	switch c := m.captures[i]; c.length {
	case unfinished:
		return "", 0, errors.New("unfinished capture")
	case position:
		return "", c.start + 1, nil
	default:
		return m.src[c.start : c.start+c.length], 0, nil
	}
}

// Replacer gives what takes the place of a match. The captures are read from
// the matcher. keep leaves the match as it was.
type Replacer func(m *Matcher, start, end int) (text string, keep bool, err error)

// Gsub replaces up to limit matches; a negative limit means all. It gives the
// new text and the number of matches.
func (m *Matcher) Gsub(src string, p *Pattern, limit int, replace Replacer) (string, int, error) {
	from, anchored := 0, strings.HasPrefix(p.text, "^")
	if anchored {
		from = 1
	}
	var out strings.Builder
	count, s, copied := 0, 0, 0
	for limit < 0 || count < limit {
		m.begin(src, p)
		e := m.start(s, from)
		if m.err != nil {
			return "", 0, m.err
		}
		if e >= 0 {
			count++
			text, keep, err := replace(m, s, e)
			if err != nil {
				return "", 0, err
			}
			if !keep {
				out.WriteString(src[copied:s])
				out.WriteString(text)
				copied = e
				if out.Len() > MaxLength {
					return "", 0, ErrTooLong
				}
			}
		}
		switch {
		case e > s:
			s = e
		case s < len(src):
			s++
		default:
			s = len(src) + 1
		}
		if s > len(src) || anchored {
			break
		}
	}
	if copied == 0 && out.Len() == 0 {
		return src, count, nil
	}
	out.WriteString(src[copied:])
	return out.String(), count, nil
}

// Template makes a Replacer of a replacement string: %0 is the match, %1 to %9
// its captures, % before anything else is that itself.
func Template(text string) Replacer {
	if strings.IndexByte(text, '%') < 0 {
		return func(*Matcher, int, int) (string, bool, error) { return text, false, nil }
	}
	return func(m *Matcher, start, end int) (string, bool, error) {
		var out strings.Builder
		for i := 0; i < len(text); i++ {
			if text[i] != '%' {
				out.WriteByte(text[i])
				continue
			}
			if i++; i == len(text) {
				out.WriteByte(0) // what PUC Lua finds behind the string
				break
			}
			if err := expandCapture(&out, m, text[i], start, end); err != nil {
				return "", false, err
			}
		}
		return out.String(), false, nil
	}
}

func expandCapture(out *strings.Builder, m *Matcher, c byte, start, end int) error {
	switch {
	case c < '0' || c > '9':
		out.WriteByte(c)
	case c == '0':
		out.WriteString(m.src[start:end])
	default:
		text, at, err := m.Capture(int(c-'1'), start, end)
		if err != nil {
			return err
		}
		if at > 0 {
			text = NumberText(float64(at))
		}
		out.WriteString(text)
	}
	return nil
}

// Package termsafe makes text of remote hosts harmless for a terminal.
//
// Rules: no byte that a terminal acts upon gets through but tab and newline.
// What is taken out stays visible as an escape (\x1b, \r, \u202e), so nobody
// wonders where it went. A text with nothing to take out is returned as it is,
// without allocation. The result is for eyes: it is not meant to be undone.
//
// Taken out are C0 and C1 controls and DEL (ECMA-48), the latter also as
// UTF-8; bytes that are not UTF-8, since an 8-bit terminal takes 0x9b for
// ESC [; bidirectional controls, which show a line in an order it does not have
// (Unicode TR 36, CVE-2021-42574); and the line separators U+2028 and U+2029.
package termsafe

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Clean makes a text of any number of lines safe. A carriage return that only
// ends a line (CR LF, or CR at the end of the text) is dropped, any other is
// shown as \r, so that no line can overwrite its own beginning.
func Clean(text string) string { return clean(text, true, false) }

// Line is Clean for what has to stay on one line: newlines are shown as \n.
func Line(text string) string { return clean(text, false, false) }

// Colour is Clean for programs whose colours are welcome: SGR sequences
// (ESC [ ... m) get through, and a line that used one ends with a reset. All
// other sequences are shown as Clean shows them.
func Colour(text string) string { return clean(text, true, true) }

// Unsafe tells whether a terminal may act upon a character, tab and newline
// included.
func Unsafe(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0x9f:
		return true
	case r < 0x061c:
		return false
	}
	return r == 0x061c || r == 0x200e || r == 0x200f || r == 0x2028 || r == 0x2029 ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func clean(text string, newlines, colours bool) string {
	first := firstUnsafe(text, newlines)
	if first == len(text) {
		return text
	}
	c := cleaner{newlines: newlines, colours: colours}
	c.out.Grow(len(text) + 16)
	c.out.WriteString(text[:first])
	for rest := text[first:]; rest != ""; {
		rest = rest[c.next(rest):]
	}
	c.reset()
	return c.out.String()
}

// firstUnsafe is the index of the first byte that has to be looked at closely.
func firstUnsafe(text string, newlines bool) int {
	for i := 0; i < len(text); {
		b := text[i]
		if b >= ' ' && b < 0x7f || b == '\t' || b == '\n' && newlines {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || Unsafe(r) {
			return i
		}
		i += size
	}
	return len(text)
}

type cleaner struct {
	out               strings.Builder
	newlines, colours bool
	coloured          bool // an SGR sequence is in force
}

// next writes the first character or sequence of a text and tells its length.
func (c *cleaner) next(text string) int {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError && size == 1:
		fmt.Fprintf(&c.out, `\x%02x`, text[0])
	case r == '\n' && c.newlines:
		c.reset()
		c.out.WriteByte('\n')
	case r == '\r' && c.newlines && (len(text) == 1 || text[1] == '\n'):
	case r == '\x1b' && c.colours && sgr(text) > 0:
		size = sgr(text)
		c.out.WriteString(text[:size])
		c.coloured = true
	case r != '\t' && Unsafe(r):
		c.out.WriteString(escape(r))
	default:
		c.out.WriteString(text[:size])
	}
	return size
}

// reset ends the colours of a line.
func (c *cleaner) reset() {
	if c.coloured {
		c.out.WriteString("\x1b[0m")
		c.coloured = false
	}
}

// longestSGR bounds a colour sequence; the longest useful one, a 24-bit colour
// for text and background with attributes, has about 45 bytes.
const longestSGR = 64

// sgr is the length of the SGR sequence a text begins with, or 0.
func sgr(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	for i := 2; i < min(len(text), longestSGR); i++ {
		switch b := text[i]; {
		case b == 'm':
			return i + 1
		case b != ';' && b != ':' && (b < '0' || b > '9'):
			return 0
		}
	}
	return 0
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

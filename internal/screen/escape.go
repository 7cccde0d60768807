package screen

// escape acts on an escape sequence without parameters.
func (s *Screen) escape(intermediate, final byte) {
	switch intermediate {
	case 0:
		s.plainEscape(final)
	case '(', ')', '*', '+':
		s.charset.set[intermediate-'('] = final
	case '#':
		if final == '8' {
			s.alignment()
		}
	}
}

func (s *Screen) plainEscape(final byte) {
	switch final {
	case '7':
		s.save()
	case '8':
		s.restore()
	case 'D':
		s.index()
	case 'E':
		s.index()
		s.cursor.col = 0
	case 'H':
		s.tabs[s.cursor.col] = true
	case 'M':
		s.reverseIndex()
	case 'N', 'O': // SS2, SS3
		s.charset.single = int(final-'N') + 2
	case 'n', 'o': // LS2, LS3
		s.charset.left = int(final-'n') + 2
	case 'Z':
		s.reply(deviceAttributes)
	case '=', '>':
		s.mode.keypad = final == '='
	case 'c':
		s.reset()
	}
}

// alignment fills the screen with E (DECALN).
func (s *Screen) alignment() {
	s.top, s.bottom = 0, s.rows-1
	s.moveTo(0, 0)
	for _, row := range s.grid() {
		fill(row, Cell{Rune: 'E'})
	}
}

// charset is which characters the bytes 0x20 to 0x7e stand for: G0 to G3, the
// one in use, and the one for the next character only.
type charset struct {
	set    [4]byte // the final byte of the designation, 0 for ASCII
	left   int
	single int // 0 for none, since G0 cannot be meant
}

// translate gives the character for a byte.
func (c *charset) translate(r rune) rune {
	g := c.left
	if c.single != 0 {
		g, c.single = c.single, 0
	}
	switch c.set[g] {
	case '0':
		if r >= 0x60 && r <= 0x7e {
			return graphics[r-0x60]
		}
	case 'A':
		if r == '#' {
			return '£'
		}
	}
	return r
}

// graphics are DEC's line drawing characters, from 0x60 on.
var graphics = []rune("◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")

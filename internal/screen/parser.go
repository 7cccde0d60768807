package screen

import "unicode/utf8"

// parser holds the sequence that is being read, after the state machine of
// DEC's terminals that Paul Williams wrote down.
type parser struct {
	state        state
	prefix       byte   // one of < = > ? after CSI, or the kind of a string
	intermediate byte   // of an escape or a CSI sequence, 0 without
	params       params // of a CSI sequence
	text         []byte // of an OSC string, up to maxTitle
	partial      [utf8.UTFMax]byte
	have         int // bytes in partial
}

type state uint8

const (
	ground state = iota
	escape
	csi
	text // OSC, DCS, SOS, PM or APC: up to ST
)

// Write takes output of the program. It never fails.
func (s *Screen) Write(p []byte) (int, error) {
	for i := 0; i < len(p); {
		if s.parser.state == ground && s.parser.have == 0 {
			n := s.run(p[i:])
			if i += n; n > 0 {
				continue
			}
		}
		s.step(p[i])
		i++
	}
	return len(p), nil
}

// run prints the plain text that p begins with.
func (s *Screen) run(p []byte) int {
	for i, b := range p {
		if b < ' ' || b >= 0x7f {
			return i
		}
		s.print(s.charset.translate(rune(b)), 1)
	}
	return len(p)
}

// step takes one byte. Controls work inside sequences too, and three of them
// end any sequence.
func (s *Screen) step(b byte) {
	p := &s.parser
	if b < 0x80 {
		s.flushPartial()
	}
	switch {
	case b == 0x1b:
		s.endText()
		*p = parser{state: escape, text: p.text[:0]}
	case b == 0x18 || b == 0x1a: // CAN, SUB
		*p = parser{text: p.text[:0]}
	case p.state == text:
		s.textByte(b)
	case b < ' ':
		s.control(b)
	case p.state == ground:
		s.printByte(b)
	case b >= 0x7f: // nothing of a sequence
	case p.state == escape:
		s.escapeByte(b)
	default:
		s.csiByte(b)
	}
}

// printByte takes one byte of UTF-8. Each byte that cannot belong to a
// character, and each broken beginning of one, is shown as U+FFFD.
func (s *Screen) printByte(b byte) {
	switch {
	case b == 0x7f:
		return
	case b < 0x80:
		s.print(s.charset.translate(rune(b)), 1)
		return
	case utf8.RuneStart(b):
		s.flushPartial()
	}
	p := &s.parser
	p.partial[p.have] = b
	p.have++
	for p.have > 0 && utf8.FullRune(p.partial[:p.have]) {
		r, size := utf8.DecodeRune(p.partial[:p.have])
		p.have = copy(p.partial[:], p.partial[size:p.have])
		s.printRune(r)
	}
}

// flushPartial shows the beginning of a character that will not be completed.
func (s *Screen) flushPartial() {
	if s.parser.have > 0 {
		s.parser.have = 0
		s.printRune(utf8.RuneError)
	}
}

func (s *Screen) escapeByte(b byte) {
	p := &s.parser
	switch {
	case b < '0':
		p.intermediate = b
		return
	case p.intermediate == 0 && b == '[':
		*p = parser{state: csi, text: p.text}
		return
	case p.intermediate == 0 && (b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_'):
		*p = parser{state: text, prefix: b, text: p.text}
		return
	}
	p.state = ground
	s.escape(p.intermediate, b)
}

func (s *Screen) csiByte(b byte) {
	p := &s.parser
	switch {
	case b >= '@':
		if p.state = ground; !p.params.broken {
			p.params.finish()
			s.csi(p.prefix, p.intermediate, b)
		}
	case b < '0':
		p.params.broken = p.params.broken || p.intermediate != 0
		p.intermediate = b
	case p.intermediate != 0:
		p.params.broken = true
	case b >= '<':
		p.params.broken = p.params.broken || p.params.begun || p.prefix != 0
		p.prefix = b
	default:
		p.params.add(b)
	}
}

func (s *Screen) textByte(b byte) {
	p := &s.parser
	switch {
	case p.prefix == ']' && b == 0x07:
		s.endText()
		*p = parser{text: p.text[:0]}
	case p.prefix == ']' && b >= ' ' && len(p.text) < maxTitle:
		p.text = append(p.text, b)
	}
}

// endText acts on a string that is complete. Only OSC means something.
func (s *Screen) endText() {
	if s.parser.state == text && s.parser.prefix == ']' {
		s.osc(string(s.parser.text))
	}
}

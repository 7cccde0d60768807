package screen

// modes are the switches that a program can set.
type modes struct {
	wrap       bool // DECAWM: go on in the next line after the last column
	origin     bool // DECOM: rows count from the scroll region
	insert     bool // IRM: characters push the rest of the line
	newline    bool // LNM: a line feed is a carriage return too
	hidden     bool // DECTCEM, the other way round
	reverse    bool // DECSCNM
	cursorKeys bool // DECCKM: the arrow keys send ESC O A instead of ESC [ A
	keypad     bool // DECKPAM
	paste      bool // bracketed paste
	mouse      bool // any way to report the mouse
}

// ansiModes and privateModes find the switch of a number.
var ansiModes = map[int]func(*modes) *bool{
	4:  func(m *modes) *bool { return &m.insert },
	20: func(m *modes) *bool { return &m.newline },
}

var privateModes = map[int]func(*modes) *bool{
	1:    func(m *modes) *bool { return &m.cursorKeys },
	5:    func(m *modes) *bool { return &m.reverse },
	6:    func(m *modes) *bool { return &m.origin },
	7:    func(m *modes) *bool { return &m.wrap },
	66:   func(m *modes) *bool { return &m.keypad },
	1000: func(m *modes) *bool { return &m.mouse },
	1002: func(m *modes) *bool { return &m.mouse },
	1003: func(m *modes) *bool { return &m.mouse },
	2004: func(m *modes) *bool { return &m.paste },
}

// set switches modes on or off (SM, RM, DECSET, DECRST).
func (s *Screen) set(p *params, private, on bool) {
	for i := range p.n {
		n := p.get(i)
		switch {
		case !private:
			if mode := ansiModes[n]; mode != nil {
				*mode(&s.mode) = on
			}
		case privateModes[n] != nil:
			*privateModes[n](&s.mode) = on
			if n == 6 {
				s.place(1, 1)
			}
		default:
			s.setScreen(n, on)
		}
	}
}

// setScreen is the modes that are no plain switch.
func (s *Screen) setScreen(n int, on bool) {
	switch n {
	case 25:
		s.mode.hidden = !on
	case 47:
		s.show(on)
	case 1047:
		s.leaveClear(on)
	case 1048:
		s.saveOrRestore(on)
	case 1049:
		s.saveAndSwitch(on)
	}
}

// leaveClear switches buffers; the alternate one is blank when it is left.
func (s *Screen) leaveClear(on bool) {
	if !on && s.alternate {
		eraseRows(s.other, s.blank())
	}
	s.show(on)
}

// saveAndSwitch is what editors use: they find a blank screen, and the cursor
// is where it was when they are gone.
func (s *Screen) saveAndSwitch(on bool) {
	if !on {
		s.show(false)
		s.restore()
		return
	}
	s.save()
	s.show(true)
	eraseRows(s.other, s.blank())
}

func (s *Screen) saveOrRestore(save bool) {
	if save {
		s.save()
	} else {
		s.restore()
	}
}

// CursorKeys tells how the program wants the arrow keys: ESC O A when true,
// ESC [ A when false.
func (s *Screen) CursorKeys() bool { return s.mode.cursorKeys }

// BracketedPaste tells whether pasted text has to be marked.
func (s *Screen) BracketedPaste() bool { return s.mode.paste }

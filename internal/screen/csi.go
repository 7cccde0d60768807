package screen

// sequence is what makes one CSI sequence another than the next.
type sequence struct{ prefix, intermediate, final byte }

// csi acts on a control sequence. What is not in the table does nothing.
func (s *Screen) csi(prefix, intermediate, final byte) {
	if act := sequences[sequence{prefix, intermediate, final}]; act != nil {
		act(s, &s.parser.params)
	}
}

// sequences is the table of all that are understood.
var sequences = map[sequence]func(*Screen, *params){
	// the cursor
	{final: 'A'}: func(s *Screen, p *params) { s.up(p.count()) },
	{final: 'B'}: func(s *Screen, p *params) { s.down(p.count()) },
	{final: 'e'}: func(s *Screen, p *params) { s.down(p.count()) },
	{final: 'C'}: func(s *Screen, p *params) { s.moveTo(s.cursor.row, s.cursor.col+p.count()) },
	{final: 'a'}: func(s *Screen, p *params) { s.moveTo(s.cursor.row, s.cursor.col+p.count()) },
	{final: 'D'}: func(s *Screen, p *params) { s.moveTo(s.cursor.row, s.cursor.col-p.count()) },
	{final: 'E'}: func(s *Screen, p *params) { s.down(p.count()); s.cursor.col = 0 },
	{final: 'F'}: func(s *Screen, p *params) { s.up(p.count()); s.cursor.col = 0 },
	{final: 'G'}: func(s *Screen, p *params) { s.moveTo(s.cursor.row, p.count()-1) },
	{final: '`'}: func(s *Screen, p *params) { s.moveTo(s.cursor.row, p.count()-1) },
	{final: 'H'}: func(s *Screen, p *params) { s.place(p.get(0), p.get(1)) },
	{final: 'f'}: func(s *Screen, p *params) { s.place(p.get(0), p.get(1)) },
	{final: 'd'}: func(s *Screen, p *params) { s.place(p.get(0), s.cursor.col+1) },
	{final: 'I'}: func(s *Screen, p *params) { s.tab(p.count()) },
	{final: 'Z'}: func(s *Screen, p *params) { s.backTab(p.count()) },
	{final: 'g'}: func(s *Screen, p *params) { s.clearTabs(p.get(0)) },
	{final: 's'}: func(s *Screen, _ *params) { s.save() },
	{final: 'u'}: func(s *Screen, _ *params) { s.restore() },
	// what is on the screen
	{final: 'J'}:              func(s *Screen, p *params) { s.eraseDisplay(p.get(0)) },
	{prefix: '?', final: 'J'}: func(s *Screen, p *params) { s.eraseDisplay(p.get(0)) },
	{final: 'K'}:              func(s *Screen, p *params) { s.eraseLine(p.get(0)) },
	{prefix: '?', final: 'K'}: func(s *Screen, p *params) { s.eraseLine(p.get(0)) },
	{final: 'X'}:              func(s *Screen, p *params) { s.eraseCells(p.count()) },
	{final: '@'}:              func(s *Screen, p *params) { s.insertCells(p.count()) },
	{final: 'P'}:              func(s *Screen, p *params) { s.deleteCells(p.count()) },
	{final: 'L'}:              func(s *Screen, p *params) { s.insertLines(p.count()) },
	{final: 'M'}:              func(s *Screen, p *params) { s.deleteLines(p.count()) },
	{final: 'S'}:              func(s *Screen, p *params) { s.scrollUp(p.count()) },
	{final: 'T'}:              func(s *Screen, p *params) { s.scrollDown(p) },
	{final: 'b'}:              func(s *Screen, p *params) { s.repeat(p.count()) },
	{final: 'm'}:              func(s *Screen, p *params) { s.sgr(p) },
	{final: 'r'}:              func(s *Screen, p *params) { s.region(p.get(0), p.get(1)) },
	// settings and questions
	{final: 'h'}:                                 func(s *Screen, p *params) { s.set(p, false, true) },
	{final: 'l'}:                                 func(s *Screen, p *params) { s.set(p, false, false) },
	{prefix: '?', final: 'h'}:                    func(s *Screen, p *params) { s.set(p, true, true) },
	{prefix: '?', final: 'l'}:                    func(s *Screen, p *params) { s.set(p, true, false) },
	{intermediate: '!', final: 'p'}:              func(s *Screen, _ *params) { s.softReset() },
	{intermediate: '$', final: 'p'}:              func(s *Screen, p *params) { s.reportMode(p.get(0), false) },
	{prefix: '?', intermediate: '$', final: 'p'}: func(s *Screen, p *params) { s.reportMode(p.get(0), true) },
	{final: 'c'}:                                 func(s *Screen, p *params) { s.reportDevice(p, deviceAttributes) },
	{prefix: '>', final: 'c'}:                    func(s *Screen, p *params) { s.reportDevice(p, deviceVersion) },
	{final: 'n'}:                                 func(s *Screen, p *params) { s.reportStatus(p.get(0), "") },
	{prefix: '?', final: 'n'}:                    func(s *Screen, p *params) { s.reportStatus(p.get(0), "?") },
	{final: 't'}:                                 func(s *Screen, p *params) { s.reportWindow(p.get(0)) },
}

// softReset is DECSTR: the settings of power-on, and what is shown stays.
func (s *Screen) softReset() {
	s.mode.hidden, s.mode.origin, s.mode.insert, s.mode.keypad, s.mode.cursorKeys = false, false, false, false, false
	s.mode.wrap = true
	s.style, s.charset, s.saved[s.buffer()] = Style{}, charset{}, saved{}
	s.top, s.bottom = 0, s.rows-1
}

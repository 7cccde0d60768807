package screen

// eraseDisplay is ED: below the cursor, above it, all, or the history.
func (s *Screen) eraseDisplay(what int) {
	g := s.grid()
	switch what {
	case 0:
		s.eraseLine(0)
		eraseRows(g[s.cursor.row+1:], s.blank())
	case 1:
		s.eraseLine(1)
		eraseRows(g[:s.cursor.row], s.blank())
	case 2:
		eraseRows(g, s.blank())
	case 3:
		s.history.clear()
	}
}

func eraseRows(rows grid, blank Cell) {
	for _, row := range rows {
		fill(row, blank)
	}
}

// eraseLine is EL: right of the cursor, left of it, or all; the place of the
// cursor is part of it. While a line break is pending there is nothing right of
// the cursor: xterm takes the last character of a full line away, to the loss
// of whoever uses top or grep --color; tmux and VTE do not, and neither do we.
func (s *Screen) eraseLine(what int) {
	row, col := s.line(), s.cursor.col
	switch what {
	case 0:
		if !s.cursor.pending {
			erase(row, col, s.cols, s.blank())
		}
	case 1:
		erase(row, 0, col+1, s.blank())
	case 2:
		fill(row, s.blank())
	}
}

func (s *Screen) eraseCells(n int) {
	s.cursor.pending = false
	erase(s.line(), s.cursor.col, min(s.cursor.col+n, s.cols), s.blank())
}

func (s *Screen) insertCells(n int) {
	s.cursor.pending = false
	insert(s.line(), s.cursor.col, n, s.blank())
}

func (s *Screen) deleteCells(n int) {
	s.cursor.pending = false
	remove(s.line(), s.cursor.col, n, s.blank())
}

// insertLines and deleteLines work inside the scroll region only, and bring
// the cursor to the beginning of the line.
func (s *Screen) insertLines(n int) {
	if s.inRegion() {
		s.grid().scrollDown(s.cursor.row, s.bottom, n, s.blank())
		s.moveTo(s.cursor.row, 0)
	}
}

func (s *Screen) deleteLines(n int) {
	if s.inRegion() {
		s.grid().scrollUp(s.cursor.row, s.bottom, n, s.blank())
		s.moveTo(s.cursor.row, 0)
	}
}

func (s *Screen) inRegion() bool { return s.cursor.row >= s.top && s.cursor.row <= s.bottom }

// scrollDown is SD; with five numbers the same letter tracks the mouse.
func (s *Screen) scrollDown(p *params) {
	if p.n <= 1 {
		s.grid().scrollDown(s.top, s.bottom, p.count(), s.blank())
	}
}

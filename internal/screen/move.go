package screen

// control acts on a control character; the ones not named do nothing.
func (s *Screen) control(b byte) {
	switch b {
	case '\b':
		s.moveTo(s.cursor.row, s.cursor.col-1)
	case '\t':
		s.tab(1)
	case '\n', '\v', '\f':
		s.lineFeed()
	case '\r':
		s.moveTo(s.cursor.row, 0)
	case 0x0e: // SO
		s.charset.left = 1
	case 0x0f: // SI
		s.charset.left = 0
	}
}

// moveTo puts the cursor somewhere on the screen.
func (s *Screen) moveTo(row, col int) {
	s.cursor = position{row: min(max(row, 0), s.rows-1), col: min(max(col, 0), s.cols-1)}
}

// place is moveTo as CUP means it: counted from 1, and within the scroll
// region in origin mode.
func (s *Screen) place(row, col int) {
	first, last := 0, s.rows-1
	if s.mode.origin {
		first, last = s.top, s.bottom
	}
	s.moveTo(min(first+max(row, 1)-1, last), max(col, 1)-1)
}

// originRow is the first row as the program counts.
func (s *Screen) originRow() int {
	if s.mode.origin {
		return s.top
	}
	return 0
}

// up moves without scrolling; the scroll region is a border from inside.
func (s *Screen) up(n int) {
	border := 0
	if s.cursor.row >= s.top {
		border = s.top
	}
	s.moveTo(max(s.cursor.row-n, border), s.cursor.col)
}

func (s *Screen) down(n int) {
	border := s.rows - 1
	if s.cursor.row <= s.bottom {
		border = s.bottom
	}
	s.moveTo(min(s.cursor.row+n, border), s.cursor.col)
}

// lineFeed is index, and a carriage return too in new line mode.
func (s *Screen) lineFeed() {
	s.index()
	if s.mode.newline {
		s.cursor.col = 0
	}
}

// index goes down one row and scrolls at the end of the region.
func (s *Screen) index() {
	s.cursor.pending = false
	switch {
	case s.cursor.row == s.bottom:
		s.scrollUp(1)
	case s.cursor.row < s.rows-1:
		s.cursor.row++
	}
}

// reverseIndex goes up one row and scrolls at the beginning of the region.
func (s *Screen) reverseIndex() {
	s.cursor.pending = false
	switch {
	case s.cursor.row == s.top:
		s.grid().scrollDown(s.top, s.bottom, 1, s.blank())
	case s.cursor.row > 0:
		s.cursor.row--
	}
}

// scrollUp moves the region up; what leaves the top of the main screen is kept.
func (s *Screen) scrollUp(n int) {
	if s.top == 0 && !s.alternate {
		for _, row := range s.main[:min(n, s.bottom+1)] {
			s.history.add(lineText(row))
		}
	}
	s.grid().scrollUp(s.top, s.bottom, n, s.blank())
}

// region sets the rows that scroll, counted from 1; 0 is the first or the last.
func (s *Screen) region(top, bottom int) {
	if bottom == 0 || bottom > s.rows {
		bottom = s.rows
	}
	if top = max(top, 1); top >= bottom {
		return
	}
	s.top, s.bottom = top-1, bottom-1
	s.place(1, 1)
}

const tabWidth = 8

func defaultTabs(cols int) []bool {
	tabs := make([]bool, cols)
	for i := range tabs {
		tabs[i] = i%tabWidth == 0
	}
	return tabs
}

// tab goes to the n-th tab stop to the right, or to the last column.
func (s *Screen) tab(n int) {
	for ; n > 0 && s.cursor.col < s.cols-1; n-- {
		for s.cursor.col++; s.cursor.col < s.cols-1 && !s.tabs[s.cursor.col]; {
			s.cursor.col++
		}
	}
}

// backTab goes to the n-th tab stop to the left, or to the first column.
func (s *Screen) backTab(n int) {
	s.cursor.pending = false
	for ; n > 0 && s.cursor.col > 0; n-- {
		for s.cursor.col--; s.cursor.col > 0 && !s.tabs[s.cursor.col]; {
			s.cursor.col--
		}
	}
}

// clearTabs is TBC: the stop at the cursor, or all of them.
func (s *Screen) clearTabs(which int) {
	switch which {
	case 0:
		s.tabs[s.cursor.col] = false
	case 3:
		clear(s.tabs)
	}
}

// save keeps the cursor and what belongs to it (DECSC); restore brings it back.
func (s *Screen) save() {
	s.saved[s.buffer()] = saved{cursor: s.cursor, style: s.style, charset: s.charset, origin: s.mode.origin}
}

func (s *Screen) restore() {
	k := s.saved[s.buffer()]
	s.style, s.charset, s.mode.origin = k.style, k.charset, k.origin
	s.moveTo(k.cursor.row, k.cursor.col)
	s.cursor.pending = k.cursor.pending && s.cursor == position{row: k.cursor.row, col: s.cols - 1}
}

// buffer is the number of the buffer that is shown.
func (s *Screen) buffer() int {
	if s.alternate {
		return 1
	}
	return 0
}

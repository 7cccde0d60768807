package screen

// Resize gives the screen another size, as when a window is drawn larger. Text
// is not wrapped anew: full-screen programs draw again, and that is what they
// expect of an xterm. Rows that no longer fit go off at the top, but blank ones
// below the cursor go first.
func (s *Screen) Resize(cols, rows int) {
	cols, rows = side(cols), side(rows)
	if cols == s.cols && rows == s.rows {
		return
	}
	gone := max(s.cursor.row+1-rows, 0)
	if s.alternate {
		gone = 0
	}
	for _, row := range s.main[:gone] {
		s.history.add(lineText(row))
	}
	s.main = s.main.resized(cols, rows, gone)
	if s.other != nil {
		s.other = s.other.resized(cols, rows, 0)
	}
	s.tabs = append(s.tabs[:min(cols, len(s.tabs))], defaultTabs(max(cols, len(s.tabs)))[min(cols, len(s.tabs)):cols]...)
	s.cols, s.rows = cols, rows
	s.top, s.bottom = 0, rows-1
	s.moveTo(s.cursor.row-gone, s.cursor.col)
}

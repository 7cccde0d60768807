package screen

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// printRune shows a character; what is no character is left out.
func (s *Screen) printRune(r rune) {
	switch w := runeWidth(r); {
	case w > 0:
		s.print(r, w)
	case w == 0:
		s.mark(r)
	}
}

// runeWidth is the number of cells: 2 for East Asian wide characters and
// emoji, 0 for what is put on the character before it, -1 for controls.
func runeWidth(r rune) int {
	switch {
	case r < 0xa0:
		return -1 // only C1 gets here
	case r < 0x300: // with the soft hyphen, which terminals show
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), r >= 0x1160 && r <= 0x11ff:
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// print puts a character of one or two cells at the cursor and moves on.
func (s *Screen) print(r rune, cells int) {
	if s.cursor.pending {
		s.wrap()
	}
	if s.cursor.col+cells > s.cols {
		if !s.mode.wrap || cells > s.cols {
			return // there is no place for it
		}
		s.wrap()
	}
	row, col := s.line(), s.cursor.col
	if s.mode.insert {
		insert(row, col, cells, s.blank())
	}
	split(row, col)
	split(row, col+cells)
	row[col] = Cell{Rune: r, Style: s.style}
	if cells == 2 {
		row[col].Part = Head
		row[col+1] = Cell{Part: Tail, Style: s.style}
	}
	s.last = r
	s.cursor.col = min(col+cells, s.cols-1)
	s.cursor.pending = col+cells == s.cols && s.mode.wrap
	s.printed = printed{col, s.cursor}
}

// wrap goes to the beginning of the next line.
func (s *Screen) wrap() {
	s.cursor.col, s.cursor.pending = 0, false
	s.index()
}

// mark puts a combining character on the last one that was printed, or on what
// is before the cursor after that has moved.
func (s *Screen) mark(r rune) {
	row, col := s.line(), s.cursor.col
	if s.cursor == s.printed.after {
		col = s.printed.col
	} else if col--; col > 0 && row[col].Part == Tail {
		col--
	}
	if col < 0 || row[col].Rune == 0 || utf8.RuneCountInString(row[col].Marks) >= maxMarks {
		return
	}
	row[col].Marks += string(r)
}

// repeat shows the last character n more times (REP).
func (s *Screen) repeat(n int) {
	if s.last == 0 {
		return
	}
	cells := 1
	if s.last >= 0xa0 {
		cells = runeWidth(s.last)
	}
	for range min(n, s.cols*s.rows) {
		s.print(s.last, cells)
	}
}

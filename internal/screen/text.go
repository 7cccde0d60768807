package screen

import (
	"slices"
	"strings"
)

// Cell gives one place of the screen, counted from 0; a blank one outside it.
func (s *Screen) Cell(row, col int) Cell {
	if row < 0 || row >= s.rows || col < 0 || col >= s.cols {
		return Cell{}
	}
	return s.grid()[row][col]
}

// Line gives the text of a row, counted from 0, without the blanks at its end;
// "" outside the screen.
func (s *Screen) Line(row int) string {
	if row < 0 || row >= s.rows {
		return ""
	}
	return lineText(s.grid()[row])
}

// Lines gives all rows.
func (s *Screen) Lines() []string {
	lines := make([]string, s.rows)
	for i := range lines {
		lines[i] = s.Line(i)
	}
	return lines
}

// Text is the rows with line ends between them, without the blank rows at the
// end. In the row of the cursor the blanks before the cursor stay, so that a
// prompt is there with the blank at its end.
func (s *Screen) Text() string {
	lines := s.Lines()
	row := &lines[s.cursor.row]
	if missing := s.cursor.col - cells(*row); missing > 0 {
		*row += strings.Repeat(" ", missing)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// cells is the width of a text.
func cells(text string) (n int) {
	for _, r := range text {
		if r < 0x7f {
			n++
		} else {
			n += max(runeWidth(r), 0)
		}
	}
	return n
}

func lineText(row []Cell) string {
	for len(row) > 0 && row[len(row)-1] == (Cell{Style: row[len(row)-1].Style}) { // blanks, the usual end
		row = row[:len(row)-1]
	}
	var b strings.Builder
	b.Grow(len(row))
	for i := range row {
		switch c := &row[i]; {
		case c.Part == Tail:
		case c.Rune == 0:
			b.WriteByte(' ')
		default:
			b.WriteRune(c.Rune)
			b.WriteString(c.Marks)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// History gives the lines that scrolled off the top of the main screen, the
// oldest first.
func (s *Screen) History() []string { return s.history.all() }

// history is a ring of the last lines.
type history struct {
	limit, next int
	lines       []string
}

func (h *history) add(line string) {
	switch {
	case h.limit == 0:
	case len(h.lines) < h.limit:
		h.lines = append(h.lines, line)
	default:
		h.lines[h.next] = line
		h.next = (h.next + 1) % h.limit
	}
}

func (h *history) all() []string { return slices.Concat(h.lines[h.next:], h.lines[:h.next]) }

func (h *history) clear() { h.lines, h.next = nil, 0 }

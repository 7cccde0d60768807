package difflib

import (
	"fmt"
	"strings"
)

// SGR sequences of a coloured diff (ECMA-48).
const (
	colourReset  = "\x1b[0m"
	colourBold   = "\x1b[1m"
	colourCyan   = "\x1b[36m"
	colourRed    = "\x1b[31m"
	colourGreen  = "\x1b[32m"
	colourInvert = "\x1b[7m"
	colourPlain  = "\x1b[27m" // the end of colourInvert
)

// Terminal writes the changes in the unified format with colours; inside
// similar lines what differs is inverted. Control characters of the texts are
// shown and never sent. It is for people: patch(1) does not read it.
func Terminal(edits []Edit, a, b []string, f Format) string {
	var w strings.Builder
	for i, group := range Near(Rows(edits, a, b), f.Context) {
		if i == 0 {
			fmt.Fprintf(&w, "%s--- %s%s\n%s+++ %s%s\n", colourBold, printable(f.From), colourReset, colourBold, printable(f.To), colourReset)
		}
		fmt.Fprintf(&w, "%s@@ -%s +%s @@%s\n", colourCyan, rowsRange(group, left), rowsRange(group, right), colourReset)
		writeGroup(&w, group)
	}
	return w.String()
}

// writeGroup writes what went in front of what came, change by change.
func writeGroup(w *strings.Builder, rows []Row) {
	var came []Cell
	flush := func() {
		for _, c := range came {
			writeCell(w, "+", colourGreen, c)
		}
		came = nil
	}
	for _, row := range rows {
		if row.Tag == Equal {
			flush()
			writeCell(w, " ", "", row.Left)
			continue
		}
		if row.Left.Number > 0 {
			writeCell(w, "-", colourRed, row.Left)
		}
		if row.Right.Number > 0 {
			came = append(came, row.Right)
		}
	}
	flush()
}

func writeCell(w *strings.Builder, sign, colour string, c Cell) {
	w.WriteString(colour + sign)
	for _, s := range c.Spans {
		text := printable(strings.TrimSuffix(s.Text, "\n"))
		if s.Tag != Equal && len(c.Spans) > 1 {
			text = colourInvert + text + colourPlain
		}
		w.WriteString(text)
	}
	if colour != "" {
		w.WriteString(colourReset)
	}
	w.WriteString("\n")
}

func left(r Row) int  { return r.Left.Number }
func right(r Row) int { return r.Right.Number }

// rowsRange is the range of lines of one side of a group.
func rowsRange(rows []Row, side func(Row) int) string {
	first, last := 0, 0
	for _, row := range rows {
		if n := side(row); n > 0 {
			if first == 0 {
				first = n
			}
			last = n
		}
	}
	if first == 0 {
		return "0,0"
	}
	return unifiedRange(first-1, last)
}

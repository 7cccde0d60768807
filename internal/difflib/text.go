package difflib

import (
	"fmt"
	"strings"
)

// Format is how a unified or context diff is written.
type Format struct {
	From, To         string // names in the header
	FromDate, ToDate string // dates behind the names; none when empty
	Context          int    // equal lines around a change; 3 is usual
	// Marker puts "\ No newline at end of file" behind a last line without line
	// end, as diff(1) does and patch(1) reads it. Without it such a line runs
	// into the next one, as Python writes it.
	Marker bool
}

// noNewline is the mark of diff(1) for a last line without line end.
const noNewline = "\\ No newline at end of file\n"

// writer puts lines of a diff together.
type writer struct {
	strings.Builder
	marker bool
}

func (w *writer) lines(prefix string, lines []string) {
	for _, line := range lines {
		w.WriteString(prefix)
		w.WriteString(line)
		if w.marker && !strings.HasSuffix(line, "\n") {
			w.WriteString("\n" + noNewline)
		}
	}
}

func (w *writer) header(mark, name, date string) {
	if date != "" {
		date = "\t" + date
	}
	fmt.Fprintf(w, "%s %s%s\n", mark, name, date)
}

// Unified writes the changes from a to b in the unified format, "" when there
// are none.
func Unified(m *Match, a, b []string, f Format) string {
	w := writer{marker: f.Marker}
	for i, hunk := range m.Hunks(f.Context) {
		if i == 0 {
			w.header("---", f.From, f.FromDate)
			w.header("+++", f.To, f.ToDate)
		}
		first, last := hunk[0], hunk[len(hunk)-1]
		fmt.Fprintf(&w, "@@ -%s +%s @@\n", unifiedRange(first.A1, last.A2), unifiedRange(first.B1, last.B2))
		for _, c := range hunk {
			if c.Tag == Equal {
				w.lines(" ", a[c.A1:c.A2])
				continue
			}
			w.lines("-", a[c.A1:c.A2])
			w.lines("+", b[c.B1:c.B2])
		}
	}
	return w.String()
}

// unifiedRange writes a range of lines; an empty one by the line in front.
func unifiedRange(start, stop int) string {
	switch stop - start {
	case 1:
		return fmt.Sprint(start + 1)
	case 0:
		return fmt.Sprintf("%d,0", start)
	default:
		return fmt.Sprintf("%d,%d", start+1, stop-start)
	}
}

// Context writes the changes in the context format, "" when there are none.
func Context(m *Match, a, b []string, f Format) string {
	w := writer{marker: f.Marker}
	for i, hunk := range m.Hunks(f.Context) {
		if i == 0 {
			w.header("***", f.From, f.FromDate)
			w.header("---", f.To, f.ToDate)
		}
		first, last := hunk[0], hunk[len(hunk)-1]
		w.WriteString("***************\n")
		fmt.Fprintf(&w, "*** %s ****\n", contextRange(first.A1, last.A2))
		if hasChange(hunk, Delete) {
			for _, c := range hunk {
				w.lines(contextPrefix[c.Tag], a[c.A1:c.A2])
			}
		}
		fmt.Fprintf(&w, "--- %s ----\n", contextRange(first.B1, last.B2))
		if hasChange(hunk, Insert) {
			for _, c := range hunk {
				w.lines(contextPrefix[c.Tag], b[c.B1:c.B2])
			}
		}
	}
	return w.String()
}

var contextPrefix = map[Tag]string{Equal: "  ", Replace: "! ", Delete: "- ", Insert: "+ "}

// hasChange tells whether a side of a hunk has something to show.
func hasChange(hunk []Opcode, side Tag) bool {
	for _, c := range hunk {
		if c.Tag == side || c.Tag == Replace {
			return true
		}
	}
	return false
}

func contextRange(start, stop int) string {
	if stop-start <= 1 {
		return fmt.Sprint(stop)
	}
	return fmt.Sprintf("%d,%d", start+1, stop)
}

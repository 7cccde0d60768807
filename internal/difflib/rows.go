package difflib

import (
	"context"
	"unicode"
)

// Row is a line of a view with both texts side by side.
type Row struct {
	Tag         Tag // Replace when both sides are there and differ
	Left, Right Cell
}

// Cell is one side of a row.
type Cell struct {
	Number int // of the line, from 1; 0 when this side has none
	Spans  []Span
}

// Span is a part of a line that is the same on both sides (Equal) or not.
type Span struct {
	Tag  Tag
	Text string
}

// Rows lays edits out side by side. What went and what came at one place share
// rows, whether they are alike or not.
func Rows(edits []Edit, a, b []string) []Row {
	var rows []Row
	var gone, came []Cell
	flush := func() {
		for i := range max(len(gone), len(came)) {
			rows = append(rows, beside(gone, came, i))
		}
		gone, came = nil, nil
	}
	for _, e := range edits {
		switch e.Tag {
		case Delete:
			gone = append(gone, Cell{e.A + 1, []Span{{Delete, a[e.A]}}})
		case Insert:
			came = append(came, Cell{e.B + 1, []Span{{Insert, b[e.B]}}})
		default:
			flush()
			rows = append(rows, e.row(a[e.A], b[e.B]))
		}
	}
	flush()
	return rows
}

func beside(gone, came []Cell, i int) Row {
	switch {
	case i >= len(came):
		return Row{Tag: Delete, Left: gone[i]}
	case i >= len(gone):
		return Row{Tag: Insert, Right: came[i]}
	default:
		return Row{Replace, gone[i], came[i]}
	}
}

// row is the row of two lines that are equal or alike.
func (e Edit) row(a, b string) Row {
	left, right := e.Spans(a, b)
	return Row{e.Tag, Cell{e.A + 1, left}, Cell{e.B + 1, right}}
}

// Spans cuts the two lines of a pair where they differ.
func (e Edit) Spans(a, b string) (left, right []Span) {
	if e.Tag == Equal {
		return []Span{{Equal, a}}, []Span{{Equal, b}}
	}
	runesA, runesB := characters(a), characters(b)
	for _, c := range e.Inner {
		if c.A2 > c.A1 {
			left = append(left, Span{c.Tag, joinCharacters(runesA[c.A1:c.A2], a)})
		}
		if c.B2 > c.B1 {
			right = append(right, Span{c.Tag, joinCharacters(runesB[c.B1:c.B2], b)})
		}
	}
	return left, right
}

// Near keeps the rows with a change and n equal ones around each, in groups.
// Less than 0 keeps all rows.
func Near(rows []Row, n int) [][]Row {
	if n < 0 {
		return [][]Row{rows}
	}
	var groups [][]Row
	end := 0 // of what was kept
	for i, row := range rows {
		if row.Tag == Equal {
			continue
		}
		first, until := max(i-n, end), min(i+n+1, len(rows))
		if i-n > end || len(groups) == 0 {
			groups = append(groups, nil)
		}
		g := &groups[len(groups)-1]
		*g = append(*g, rows[first:max(first, until)]...)
		end = max(end, until)
	}
	return groups
}

// ByWord gives edits whose pairs are marked by whole words instead of
// characters, which reads better where words differ much.
func ByWord(ctx context.Context, edits []Edit, a, b []string) ([]Edit, error) {
	out := make([]Edit, len(edits))
	for i, e := range edits {
		out[i] = e
		if e.Tag != Replace {
			continue
		}
		inner, err := wordOpcodes(ctx, a[e.A], b[e.B])
		if err != nil {
			return nil, err
		}
		out[i].Inner = inner
	}
	return out, nil
}

// wordOpcodes compares two lines by words; the result counts characters.
func wordOpcodes(ctx context.Context, a, b string) ([]Opcode, error) {
	wordsA, startsA := words(a)
	wordsB, startsB := words(b)
	m, err := Compare(ctx, wordsA, wordsB, Options[string]{Junk: blankWord, NoAutoJunk: true})
	if err != nil {
		return nil, err
	}
	codes := m.Opcodes()
	for i, c := range codes {
		codes[i] = Opcode{c.Tag, startsA[c.A1], startsA[c.A2], startsB[c.B1], startsB[c.B2]}
	}
	return codes, nil
}

func blankWord(word string) bool { return word == " " || word == "\t" }

// words cuts a line into runs of letters and digits and single other
// characters. starts has the place of each word and the end of the line.
func words(line string) (words []string, starts []int) {
	runes := characters(line)
	part := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	for i := 0; i < len(runes); {
		end := i + 1
		for end < len(runes) && part(runes[i]) && part(runes[end]) {
			end++
		}
		words, starts = append(words, string(runes[i:end])), append(starts, i)
		i = end
	}
	return words, append(starts, len(runes))
}

// Stat counts what a comparison of lines found.
type Stat struct {
	Added   int `lua:"added" doc:"Lines that only the second has."`
	Removed int `lua:"removed" doc:"Lines that only the first has."`
	Changed int `lua:"changed" doc:"Pairs of similar lines; they count as neither added nor removed."`
	Equal   int `lua:"equal" doc:"Lines that both have."`
}

// Count counts edits.
func Count(edits []Edit) Stat {
	var s Stat
	for _, e := range edits {
		switch e.Tag {
		case Equal:
			s.Equal++
		case Insert:
			s.Added++
		case Delete:
			s.Removed++
		default:
			s.Changed++
		}
	}
	return s
}

package difflib

import (
	"context"
	"strings"
)

// Edit is a line of a comparison of lines: one that both have, one that only a
// or only b has, or a pair of similar lines.
type Edit struct {
	Tag  Tag // Equal, Delete, Insert, or Replace for a pair
	A, B int // indexes of the lines; -1 on the side that has none
	// Inner says how the characters of a pair differ.
	Inner []Opcode
}

// LineOptions tune CompareLines.
type LineOptions struct {
	Junk          func(line string) bool // lines no run may begin with; nil is none
	CharacterJunk func(rune) bool        // characters no run in a line may begin with; nil is none
}

// CompareLines compares lines, and characters within lines that are similar.
func CompareLines(ctx context.Context, a, b []string, o LineOptions) ([]Edit, error) {
	m, err := Compare(ctx, a, b, Options[string]{Junk: o.Junk})
	if err != nil {
		return nil, err
	}
	d := &differ{ctx: ctx, a: a, b: b, junk: o.CharacterJunk}
	for _, c := range m.Opcodes() {
		switch c.Tag {
		case Replace:
			d.pairs = newPairs(d, c)
			err = d.replace(c)
		case Equal:
			d.equal(c)
		default:
			d.plain(c)
		}
		if err != nil {
			return nil, err
		}
	}
	return d.edits, nil
}

// differ collects edits.
type differ struct {
	ctx   context.Context
	a, b  []string
	junk  func(rune) bool
	pairs *pairs // likeness of the lines of the block at hand
	edits []Edit
}

func (d *differ) equal(c Opcode) {
	for i := range c.A2 - c.A1 {
		d.edits = append(d.edits, Edit{Tag: Equal, A: c.A1 + i, B: c.B1 + i})
	}
}

// plain tells what went and what came, the shorter part first.
func (d *differ) plain(c Opcode) {
	gone := func() {
		for i := c.A1; i < c.A2; i++ {
			d.edits = append(d.edits, Edit{Tag: Delete, A: i, B: -1})
		}
	}
	came := func() {
		for j := c.B1; j < c.B2; j++ {
			d.edits = append(d.edits, Edit{Tag: Insert, A: -1, B: j})
		}
	}
	if c.B2-c.B1 < c.A2-c.A1 {
		came()
		gone()
		return
	}
	gone()
	came()
}

// replace looks for the two lines of a block that are most alike, and then in
// front of and behind them. Lines that are equal count only when none are
// similar: they are junk, or they would not be in the block.
func (d *differ) replace(c Opcode) error {
	if c.A1 == c.A2 || c.B1 == c.B2 {
		d.plain(c)
		return nil
	}
	pair, err := d.pairs.best(c)
	switch {
	case err != nil:
		return err
	case pair == nil:
		d.plain(c)
		return nil
	}
	if err := d.replace(Opcode{Replace, c.A1, pair.A, c.B1, pair.B}); err != nil {
		return err
	}
	if pair.Tag == Replace {
		inner, err := d.pairs.match(pair.A, pair.B)
		if err != nil {
			return err
		}
		pair.Inner = inner.Opcodes()
	}
	d.edits = append(d.edits, *pair)
	return d.replace(Opcode{Replace, pair.A + 1, c.A2, pair.B + 1, c.B2})
}

// Ndiff writes edits as Python's ndiff: "- ", "+ " and "  " in front of the
// lines, and "? " lines that point at the characters that differ.
func Ndiff(edits []Edit, a, b []string) []string {
	out := make([]string, 0, len(edits))
	for _, e := range edits {
		switch e.Tag {
		case Equal:
			out = append(out, "  "+a[e.A])
		case Delete:
			out = append(out, "- "+a[e.A])
		case Insert:
			out = append(out, "+ "+b[e.B])
		default:
			guideA, guideB := e.guides(a[e.A], b[e.B])
			out = append(append(out, "- "+a[e.A]), guideA...)
			out = append(append(out, "+ "+b[e.B]), guideB...)
		}
	}
	return out
}

// guides are the "? " lines of a pair; none where there is nothing to mark.
func (e Edit) guides(a, b string) (forA, forB []string) {
	var marksA, marksB strings.Builder
	for _, c := range e.Inner {
		marksA.WriteString(strings.Repeat(guideMarks[c.Tag][0], c.A2-c.A1))
		marksB.WriteString(strings.Repeat(guideMarks[c.Tag][1], c.B2-c.B1))
	}
	return guide(marksA.String(), a), guide(marksB.String(), b)
}

var guideMarks = map[Tag][2]string{Equal: {" ", " "}, Replace: {"^", "^"}, Delete: {"-", ""}, Insert: {"", "+"}}

// guide keeps the white space of the line where there is no mark, so that tabs
// line up.
func guide(marks, line string) []string {
	runes := []rune(marks)
	for i, r := range characters(line) {
		if runes[i] == ' ' && isSpace(r) {
			runes[i] = r
		}
	}
	text := strings.TrimRightFunc(string(runes), isSpace)
	if text == "" {
		return nil
	}
	return []string{"? " + text + "\n"}
}

// Restore gives back one side of what Ndiff wrote: a for 1, b for 2.
func Restore(delta []string, side int) []string {
	own := "- "
	if side == 2 {
		own = "+ "
	}
	out := []string{}
	for _, line := range delta {
		if strings.HasPrefix(line, "  ") || strings.HasPrefix(line, own) {
			out = append(out, line[2:])
		}
	}
	return out
}

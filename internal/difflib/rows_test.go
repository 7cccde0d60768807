package difflib

import (
	"context"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func compareLines(t testing.TB, a, b []string) []Edit {
	t.Helper()
	edits, err := CompareLines(context.Background(), a, b, LineOptions{CharacterJunk: BlankCharacter})
	if err != nil {
		t.Fatal(err)
	}
	return edits
}

// Side by side, every line of both texts is there once, in order and whole.
func TestRowsHoldBothTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 1000 {
		a := file(text(r, 20))
		b := file(mutate(r, a))
		if r.IntN(10) == 0 && len(a) > 0 {
			a[0] = "\xff\xfe" + a[0] // not UTF-8
		}
		edits := compareLines(t, a, b)
		words, err := ByWord(context.Background(), edits, a, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, edits := range [][]Edit{edits, words} {
			rows := Rows(edits, a, b)
			if !slices.Equal(column(rows, func(r Row) Cell { return r.Left }), a) ||
				!slices.Equal(column(rows, func(r Row) Cell { return r.Right }), b) {
				t.Fatalf("%q and %q became %+v", a, b, rows)
			}
			groups := Near(rows, r.IntN(4))
			if changed(slices.Concat(groups...)) != changed(rows) {
				t.Fatalf("changes are lost in %+v", groups)
			}
		}
	}
}

// column puts one side of rows together again.
func column(rows []Row, side func(Row) Cell) []string {
	lines := []string{}
	for _, row := range rows {
		cell := side(row)
		if cell.Number == 0 {
			continue
		}
		text := ""
		for _, s := range cell.Spans {
			text += s.Text
		}
		lines = append(lines, text)
		if cell.Number != len(lines) {
			return nil
		}
	}
	return lines
}

func changed(rows []Row) int {
	n := 0
	for _, row := range rows {
		if row.Tag != Equal {
			n++
		}
	}
	return n
}

// Groups keep their distance: what is between two changes is left out only
// when it is longer than the lines around both.
func TestNear(t *testing.T) {
	tags := func(s string) (rows []Row) {
		for _, c := range s {
			rows = append(rows, Row{Tag: map[rune]Tag{'.': Equal, 'x': Insert}[c]})
		}
		return rows
	}
	for text, want := range map[string][]int{
		"": {}, "...": {}, "x": {1}, "....x....": {3}, "..x.x..": {5}, "..x..x..": {6}, "..x...x..": {3, 3}, "x...x": {2, 2},
	} {
		sizes := []int{}
		for _, group := range Near(tags(text), 1) {
			sizes = append(sizes, len(group))
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("%s: groups of %v, want %v", text, sizes, want)
		}
	}
}

// What is in the texts does nothing in a page or on a terminal.
func TestTextsStayTexts(t *testing.T) {
	a := []string{"<script>alert(1)</script>\n", "\x1b]0;title\x07 \x9b31m & \"q\"\n", "\xff\n"}
	b := []string{"<script>alert(2)</script>\n", "\x1b[2J\n"}
	edits := compareLines(t, a, b)
	page := Page{Title: "<b>", From: "<i>", To: `"`, Groups: Near(Rows(edits, a, b), -1), Stat: Count(edits)}.HTML()
	for _, bad := range []string{"<script", "<b>", "<i>", "\x1b", "\x07", "\xff"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	shown := Terminal(edits, a, b, Format{From: "\x1b[2J", Context: 3})
	if rest := regexp.MustCompile(`\x1b\[\d*m`).ReplaceAllString(shown, ""); strings.ContainsAny(rest, "\x1b\x07") || strings.Contains(rest, "\x9b") {
		t.Errorf("the terminal gets %q", rest)
	}
}

// A cancelled comparison ends.
func TestCompareEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	same := slices.Repeat([]string{"x"}, 2000)
	if _, err := Compare(ctx, same, same, Options[string]{NoAutoJunk: true}); err == nil {
		t.Error("no error")
	}
}

package report

import (
	"context"
	"fmt"
	"time"

	"gofab/internal/difflib"
)

// Limits of a comparison of two answers.
const (
	maxDiffLines = 2_000
	maxDiffTime  = 200 * time.Millisecond
)

// differences tells how an answer differs from the most common one, and
// whether that says it in fewer lines than the answer itself.
func differences(most, other []line) (lines []line, shorter bool) {
	if len(most) > maxDiffLines || len(other) > maxDiffLines || len(other) < 3 {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxDiffTime)
	defer cancel()
	match, err := difflib.Compare(ctx, most, other, difflib.Options[line]{NoAutoJunk: true})
	if err != nil {
		return nil, false
	}
	for _, hunk := range match.Hunks(1) {
		first, last := hunk[0], hunk[len(hunk)-1]
		lines = append(lines, line{"at", fmt.Sprintf("@@ -%d,%d +%d,%d @@", first.A1+1, last.A2-first.A1, first.B1+1, last.B2-first.B1)})
		for _, op := range hunk {
			lines = append(lines, change(op, most, other)...)
		}
	}
	return lines, len(lines) < len(other)
}

func change(op difflib.Opcode, most, other []line) (lines []line) {
	if op.Tag == difflib.Equal {
		for _, l := range most[op.A1:op.A2] {
			lines = append(lines, line{"same", " " + l.Text})
		}
		return lines
	}
	for _, l := range most[op.A1:op.A2] {
		lines = append(lines, line{"del", "-" + l.Text})
	}
	for _, l := range other[op.B1:op.B2] {
		lines = append(lines, line{"ins", "+" + l.Text})
	}
	return lines
}

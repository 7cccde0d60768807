package event

import (
	"context"
	"fmt"
	"time"

	"gofab/internal/difflib"
)

// Limits of a comparison of two answers.
const (
	maxDiffLines = 5_000
	maxDiffTime  = 500 * time.Millisecond
)

// Differences tells in lines how an answer differs from another one: the body
// of a unified diff. It is false where that takes too long.
func Differences(from, to []string, around int) (lines []string, ok bool) {
	if len(from) > maxDiffLines || len(to) > maxDiffLines {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxDiffTime)
	defer cancel()
	match, err := difflib.Compare(ctx, from, to, difflib.Options[string]{NoAutoJunk: true})
	if err != nil {
		return nil, false
	}
	for _, hunk := range match.Hunks(around) {
		first, last := hunk[0], hunk[len(hunk)-1]
		lines = append(lines, fmt.Sprintf("@@ -%s +%s @@", lineRange(first.A1, last.A2), lineRange(first.B1, last.B2)))
		for _, op := range hunk {
			lines = append(lines, changed(op, from, to)...)
		}
	}
	return lines, true
}

// lineRange is a range of lines as diff(1) writes it.
func lineRange(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	default:
		return fmt.Sprintf("%d,%d", from+1, to-from)
	}
}

func changed(op difflib.Opcode, from, to []string) (lines []string) {
	if op.Tag == difflib.Equal {
		for _, l := range from[op.A1:op.A2] {
			lines = append(lines, " "+l)
		}
		return lines
	}
	for _, l := range from[op.A1:op.A2] {
		lines = append(lines, "-"+l)
	}
	for _, l := range to[op.B1:op.B2] {
		lines = append(lines, "+"+l)
	}
	return lines
}

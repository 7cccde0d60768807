package report

import "gofab/runtime/event"

// maxDiffLines bounds the answers that are compared for the page.
const maxDiffLines = 1_000

// differences tells how an answer differs from the most common one, and
// whether that says it in fewer lines than the answer itself.
func differences(most, other []line) (lines []line, shorter bool) {
	if len(most) > maxDiffLines || len(other) > maxDiffLines || len(other) < 3 {
		return nil, false
	}
	changes, ok := event.Differences(texts(most), texts(other), 1)
	for _, text := range changes {
		lines = append(lines, line{map[byte]string{'@': "at", '-': "del", '+': "ins", ' ': "same"}[text[0]], text})
	}
	return lines, ok && len(lines) < len(other)
}

func texts(lines []line) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.Text
	}
	return all
}

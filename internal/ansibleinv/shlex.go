package ansibleinv

import (
	"fmt"
	"strings"
)

// Split cuts a line into words as Python's shlex does with comments: quotes
// and backslashes protect, # begins a comment wherever it stands unprotected.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inside := false // a word has begun
	flush := func() {
		if inside {
			words = append(words, word.String())
		}
		word.Reset()
		inside = false
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '#':
			flush()
			return words, nil
		case ' ', '\t', '\r', '\n':
			flush()
		case '\\':
			if i++; i == len(line) {
				return nil, fmt.Errorf("nothing follows the backslash at the end")
			}
			word.WriteByte(line[i])
			inside = true
		case '"', '\'':
			end, err := quoted(line, i, &word)
			if err != nil {
				return nil, err
			}
			i, inside = end, true
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	flush()
	return words, nil
}

// quoted takes what is between quotes and gives the place of the closing one.
// In double quotes a backslash protects quotes and itself.
func quoted(line string, start int, word *strings.Builder) (int, error) {
	quote := line[start]
	for i := start + 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == quote:
			return i, nil
		case c == '\\' && quote == '"' && i+1 < len(line) && (line[i+1] == '"' || line[i+1] == '\\'):
			i++
			word.WriteByte(line[i])
		default:
			word.WriteByte(c)
		}
	}
	return 0, fmt.Errorf("a quotation mark %c is not closed", quote)
}

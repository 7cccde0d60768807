package expect

import (
	"regexp"
	"strings"
)

// sequences are what terminals act upon: CSI and OSC sequences, escapes of two
// characters, and controls that show nothing.
var sequences = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00\x07\x0e\x0f]`)

// Plain gives what a program showed as plain lines: without escape sequences,
// and with what was erased by backspaces or written over gone.
func Plain(text string) string {
	text = sequences.ReplaceAllString(text, "")
	if !strings.ContainsAny(text, "\b\r") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = overwritten(line)
	}
	return strings.Join(lines, "\n")
}

// overwritten is a line as it looks in the end. A cell that a blank was written
// over is as good as never used.
func overwritten(line string) string {
	line = strings.TrimRight(line, "\r")
	if !strings.ContainsAny(line, "\b\r") {
		return line
	}
	var cells []rune
	at := 0
	for _, r := range line {
		switch {
		case r == '\b':
			at = max(at-1, 0)
		case r == '\r':
			at = 0
		case at == len(cells):
			cells = append(cells, r)
			at++
		default:
			if cells[at] = r; r == ' ' {
				cells[at] = 0
			}
			at++
		}
	}
	rest := strings.TrimRight(string(cells[at:]), " \x00")
	text := strings.TrimRight(string(cells[:at])+rest, "\x00")
	return strings.ReplaceAll(text, "\x00", " ")
}

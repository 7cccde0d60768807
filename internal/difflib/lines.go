package difflib

import (
	"strings"
	"unicode/utf8"
)

// Lines cuts a text behind each newline; the last line may be without one. A
// carriage return stays part of its line.
func Lines(text string) []string {
	if text == "" {
		return []string{}
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// Characters cuts a text into its characters, or into bytes when it is not
// UTF-8.
func Characters(text string) []string {
	runes := characters(text)
	out := make([]string, len(runes))
	for i := range runes {
		out[i] = joinCharacters(runes[i:i+1], text)
	}
	return out
}

// Words cuts a text into runs of letters and digits, and single other
// characters.
func Words(text string) []string {
	out, _ := words(text)
	return out
}

// characters gives the code points of a text, or its bytes when it is not
// UTF-8.
func characters(text string) []rune {
	if utf8.ValidString(text) {
		return []rune(text)
	}
	out := make([]rune, len(text))
	for i := range len(text) {
		out[i] = rune(text[i])
	}
	return out
}

// joinCharacters is the reverse of characters for a part of text.
func joinCharacters(runes []rune, text string) string {
	if utf8.ValidString(text) {
		return string(runes)
	}
	out := make([]byte, len(runes))
	for i, r := range runes {
		out[i] = byte(r)
	}
	return string(out)
}

// isSpace is what Python calls white space (str.isspace).
func isSpace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r >= 0x1c && r <= ' ', r == 0x85, r == 0xa0, r == 0x1680,
		r >= 0x2000 && r <= 0x200a, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return true
	}
	return false
}

// BlankCharacter tells a space or a tab: the usual junk of CompareLines.
func BlankCharacter(r rune) bool { return r == ' ' || r == '\t' }

// BlankLine tells a line with nothing in it but white space and at most one #.
func BlankLine(line string) bool {
	rest := strings.TrimFunc(line, isSpace)
	return rest == "" || rest == "#"
}

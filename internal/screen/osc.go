package screen

import (
	"strings"
	"unicode"
)

// osc acts on an operating system command. Only the title is kept: links,
// colours of the palette and above all the clipboard are nothing that a
// program may set here.
func (s *Screen) osc(command string) {
	number, value, _ := strings.Cut(command, ";")
	if number == "0" || number == "2" {
		s.title = strings.Map(printable, strings.ToValidUTF8(value, "\ufffd"))
	}
}

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

package report

import (
	"fmt"
	"regexp"
	"strings"

	"gofab/internal/termsafe"
)

// colours are the sequences with which programs colour their output.
var colours = regexp.MustCompile("\x1b\\[[0-9;:]{0,60}m")

// visible makes a text of a host fit for a document: colours go, every other
// control character and all that is invisible or changes the order of what is
// read is shown as an escape.
func visible(text string) string {
	if strings.Contains(text, "\x1b[") {
		text = colours.ReplaceAllString(text, "")
	}
	text = termsafe.Clean(text)
	if !strings.ContainsFunc(text, invisible) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if invisible(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// invisible tells a character that takes no room and leaves no trace: zero
// width spaces, soft hyphens, tags, and what is no character at all.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x034f, r == 0x115f, r == 0x1160, r == 0x180e, r == 0x3164, r == 0xfeff, r == 0xffa0:
		return true
	case r >= 0x200b && r <= 0x200d, r >= 0x2060 && r <= 0x2064, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return r >= 0xfff0 && r <= 0xfffb || r&0xfffe == 0xfffe
}

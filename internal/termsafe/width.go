package termsafe

import (
	"sort"
	"unicode"
)

// Width is the number of columns a text takes on a terminal: two for East Asian
// wide characters, none for combining and invisible ones. Characters that Clean
// would take out count as one; a tab as well.
func Width(text string) int {
	width := 0
	for _, r := range text {
		width += runeWidth(r)
	}
	return width
}

// Truncate shortens a text to a number of columns. The last column is an
// ellipsis when something is missing.
func Truncate(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	width := 0
	for i, r := range text {
		if width += runeWidth(r); width > columns-1 {
			if columns < 1 {
				return ""
			}
			return text[:i] + "…"
		}
	}
	return text
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) && !Unsafe(r), r >= 0x1160 && r <= 0x11ff: // medial and final Hangul
		return 0
	}
	at := sort.Search(len(wide), func(i int) bool { return wide[i][1] >= r })
	if at < len(wide) && wide[at][0] <= r {
		return 2
	}
	return 1
}

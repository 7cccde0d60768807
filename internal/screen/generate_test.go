package screen

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
)

// A story is what a program might write: text and sequences in any order. The
// generator looks at a Screen of its own to leave out what terminals disagree
// on, most of it around the pending line break; the tests in table_test.go
// tell what gofab does there.
type storyteller struct {
	*rand.Rand
	s    *Screen
	wide bool // with wide characters; then nothing that could cut them
	text strings.Builder
}

func newStory(seed int64, cols, rows, length int) string {
	g := &storyteller{Rand: rand.New(rand.NewSource(seed)), s: New(cols, rows, 100)}
	g.wide = g.Intn(2) == 0
	for range length {
		g.add(g.next())
	}
	return g.text.String()
}

func (g *storyteller) add(piece string) {
	g.text.WriteString(piece)
	_, _ = g.s.Write([]byte(piece))
}

var words = []string{"a", "bc", "hello", "0123456789", "wörter", "e\u0301", "~", "x y", "qqq", "–"}

var wideWords = []string{"日本", "한", "ｆ", "😀", "a日b本c"}

func (g *storyteller) word() string {
	if g.wide && g.Intn(3) == 0 {
		return g.pick(wideWords...)
	}
	word := g.pick(words...)
	if g.s.mode.insert && len(word) > g.s.cols-g.s.cursor.col-1 { // tmux makes room before it wraps
		return "\r"
	}
	if word == "e\u0301" && !g.s.mode.wrap { // tmux puts the accent elsewhere in the last column
		return "e"
	}
	return word
}

func (g *storyteller) next() string {
	if g.s.cursor.pending {
		return g.pick(g.word(), "\r", "\r\n", g.place(), "\x1b[m", "\x1b[1;1H", "\x1b[K", "\x1b[J")
	}
	if g.wide && g.overWide() {
		return g.pick("\x1b[2K", "\r\x1b[K")
	}
	switch g.Intn(10) {
	case 0, 1, 2:
		return g.word()
	case 3:
		return g.pick("\r\n", "\n", "\r", "\b", "\t", "\v", "\x1bD", "\x1bM", "\x1bE")
	case 4:
		return g.place()
	case 5:
		return g.move()
	case 6, 7:
		return g.change()
	case 8:
		return g.setting()
	default:
		if !g.s.alternate && g.Intn(3) == 0 {
			return g.pick("\x1b7", "\x1b8")
		}
		if !g.s.mode.origin && g.Intn(8) == 0 { // tmux counts from the top of the screen
			return "\x1b[6n"
		}
		return g.pick("\x1b[5n", "\x1b[c", "\x1bH", "\x1b[g", "\x1b[3g", "\x1b[2Z", "\x1b[Z")
	}
}

// overWide tells whether text could cut a wide character: tmux leaves halves.
func (g *storyteller) overWide() bool {
	return slices.ContainsFunc(g.s.line()[g.s.cursor.col:], func(c Cell) bool { return c.Part != Single })
}

func (g *storyteller) pick(list ...string) string { return list[g.Intn(len(list))] }

// count is a parameter, now and then missing, zero or too large.
func (g *storyteller) count() string {
	return g.pick("", "0", "1", "2", "3", "5", fmt.Sprint(g.Intn(30)), "999")
}

func (g *storyteller) place() string {
	row, col := 1+g.Intn(g.s.rows+1), 1+g.Intn(g.s.cols+2)
	return g.pick(fmt.Sprintf("\x1b[%d;%dH", row, col), fmt.Sprintf("\x1b[%d;%df", row, col),
		fmt.Sprintf("\x1b[%dG", col), fmt.Sprintf("\x1b[%d`", col), "\x1b[H", fmt.Sprintf("\x1b[;%dH", col))
}

func (g *storyteller) move() string {
	return "\x1b[" + g.count() + g.pick("A", "B", "C", "D", "E", "F")
}

func (g *storyteller) change() string {
	switch g.Intn(6) {
	case 0:
		if g.wide { // tmux leaves halves of them
			return "\r\x1b[" + g.pick("", "0", "2") + g.pick("K", "J")
		}
		return "\x1b[" + g.pick("", "0", "1", "2") + g.pick("K", "J")
	case 1:
		if !g.s.inRegion() { // tmux inserts there as well
			return "\r"
		}
		return "\r\x1b[" + g.count() + g.pick("L", "M")
	case 2:
		return "\x1b[" + g.count() + g.pick("S", "T")
	case 3:
		if g.wide {
			return g.move()
		}
		// tmux leaves old cells when ICH pushes more than half of the rest away
		return fmt.Sprintf("\x1b[%d@", 1+g.Intn(max((g.s.cols-g.s.cursor.col)/2, 1)))
	default:
		if g.wide {
			return g.place()
		}
		return "\x1b[" + g.count() + g.pick("P", "X")
	}
}

func (g *storyteller) setting() string {
	switch g.Intn(4) {
	case 0:
		return g.style()
	case 1:
		top := 1 + g.Intn(g.s.rows)
		if g.s.mode.origin { // tmux leaves the region
			return g.pick("\x1b[r", fmt.Sprintf("\x1b[%d;%dr", top, top+1+g.Intn(g.s.rows))) + "\x1b[H"
		}
		return g.pick("\x1b[r", fmt.Sprintf("\x1b[%d;%dr", top, top+1+g.Intn(g.s.rows)), fmt.Sprintf("\x1b[%dr", top))
	case 2:
		return g.pick("\x1b[?6h", "\x1b[?6l", "\x1b[?7l", "\x1b[?7h", "\x1b[?7h", g.insertMode(), "\x1b[4l",
			"\x1b[?25l", "\x1b[?25h", "\x1b[?1h", "\x1b[?1l", "\x1b=", "\x1b>")
	default:
		if g.Intn(3) == 0 { // tmux has another saved cursor for this, and less in it
			return map[bool]string{true: "\x1b[?1049l\x1b8", false: "\x1b7\x1b[?1049h"}[g.s.alternate]
		}
		return g.pick("\x1b(0", "\x1b(B", "\x1b)0", "\x0e", "\x0f", "\x1b#8")
	}
}

// insertMode is not used with wide characters: tmux pushes halves of them over
// the edge.
func (g *storyteller) insertMode() string {
	if g.wide {
		return "\x1b[4l"
	}
	return "\x1b[4h"
}

func (g *storyteller) style() string {
	return "\x1b[" + g.pick("", "0", "1", "2", "3", "4", "5", "7", "8", "9", "22", "23", "24", "25", "27", "28", "29",
		"31", "42", "39", "49", "97", "103", "38;5;200", "48;5;17", "38;2;1;2;3", "48;2;9;8;7", "1;31;44", "38:5:9", "38:2::4:5:6") + "m"
}

package screen

import (
	"maps"
	"slices"
)

// Key gives what a terminal sends for a named key. The arrow keys depend on
// what the program asked for.
func (s *Screen) Key(name string) (text string, ok bool) {
	if s.mode.cursorKeys {
		if text, ok = applicationKeys[name]; ok {
			return text, true
		}
	}
	text, ok = keys[name]
	return text, ok
}

// KeyNames lists the keys.
func KeyNames() []string { return slices.Sorted(maps.Keys(keys)) }

var applicationKeys = map[string]string{
	"up": "\x1bOA", "down": "\x1bOB", "right": "\x1bOC", "left": "\x1bOD", "home": "\x1bOH", "end": "\x1bOF",
}

// keys are those of an xterm.
var keys = map[string]string{
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
	"insert": "\x1b[2~", "delete": "\x1b[3~", "page_up": "\x1b[5~", "page_down": "\x1b[6~",
	"enter": "\r", "tab": "\t", "back_tab": "\x1b[Z", "escape": "\x1b", "backspace": "\x7f", "space": " ",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~", "f7": "\x1b[18~",
	"f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}

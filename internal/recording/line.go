package recording

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// line is what was typed up to Enter, or up to something that acts at once.
type line struct {
	event  int // where it goes in the recording
	keys   []string
	hidden bool // the terminal said so
}

func (l *line) raw() string { return strings.Join(l.keys, "") }

func (l *line) last() string {
	if len(l.keys) == 0 {
		return ""
	}
	return l.keys[len(l.keys)-1]
}

func (l *line) complete() bool { return l.last() == "\r" || l.last() == "\n" }

// interrupts tells whether the last key is Ctrl-C, Ctrl-D, Ctrl-Z or Ctrl-\,
// which act at once.
func (l *line) interrupts() bool {
	return l.last() != "" && strings.Contains("\x03\x04\x1a\x1c", l.last())
}

// edited tells whether there were keys that mean something to the program: a
// history or a completion puts other text on the screen than was typed.
func (l *line) edited() bool {
	for _, key := range l.keys {
		if r, _ := utf8.DecodeRuneInString(key); r < ' ' && !strings.Contains("\r\n\b\x15\x17\x03\x04\x1a\x1c", key) {
			return true
		}
	}
	return false
}

// printable tells whether there was any character.
func (l *line) printable() bool {
	return slices.ContainsFunc(l.keys, func(key string) bool { return key[0] >= ' ' && key != "\x7f" })
}

// typed carries out the corrections that a terminal makes.
func (l *line) typed() string {
	var out []string
	for _, key := range l.keys {
		switch key {
		case "\r", "\n":
		case "\x7f", "\b":
			out = out[:max(len(out)-1, 0)]
		case "\x15": // Ctrl-U
			out = nil
		case "\x17": // Ctrl-W
			out = withoutWord(out)
		default:
			out = append(out, key)
		}
	}
	return strings.Join(out, "")
}

func withoutWord(keys []string) []string {
	for len(keys) > 0 && keys[len(keys)-1] == " " {
		keys = keys[:len(keys)-1]
	}
	for len(keys) > 0 && keys[len(keys)-1] != " " {
		keys = keys[:len(keys)-1]
	}
	return keys
}

// keys cuts what was typed into keys: characters and escape sequences.
func keys(text string) []string {
	var list []string
	for text != "" {
		_, n := utf8.DecodeRuneInString(text)
		if strings.HasPrefix(text, "\x1b") {
			n = escapeLength(text)
		}
		list, text = append(list, text[:n]), text[n:]
	}
	return list
}

// escapeLength is the length of the escape sequence a text begins with.
func escapeLength(text string) int {
	if len(text) < 2 {
		return len(text)
	}
	switch text[1] {
	case '[':
		for i := 2; i < len(text); i++ {
			if text[i] >= '@' && text[i] <= '~' {
				return i + 1
			}
		}
		return len(text)
	case 'O':
		return min(3, len(text))
	}
	return 2
}

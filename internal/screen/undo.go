package screen

import "strings"

// Undo gives the sequences that bring a real terminal, which was shown the
// same as this screen, back to what a shell expects: for when a program went
// away without doing so itself. It is empty when there is nothing to do.
func (s *Screen) Undo() string {
	var b strings.Builder
	after := *s // leaving the alternate screen brings saved settings back
	if s.alternate {
		b.WriteString("\x1b[?1049l")
		after.saveAndSwitch(false)
	}
	after.undo(&b)
	return b.String()
}

// undo writes what brings the settings back.
func (s *Screen) undo(b *strings.Builder) {
	for _, step := range []struct {
		needed bool
		undo   string
	}{
		{s.top != 0 || s.bottom != s.rows-1, "\x1b7\x1b[r\x1b8"},
		{s.mode.hidden, "\x1b[?25h"},
		{s.mode.cursorKeys, "\x1b[?1l"},
		{s.mode.keypad, "\x1b>"},
		{s.mode.paste, "\x1b[?2004l"},
		{s.mode.mouse, "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l"},
		{s.mode.reverse, "\x1b[?5l"},
		{s.mode.origin, "\x1b[?6l"},
		{!s.mode.wrap, "\x1b[?7h"},
		{s.mode.insert, "\x1b[4l"},
		{s.mode.newline, "\x1b[20l"},
		{s.charset != charset{}, "\x0f\x1b(B"},
		{s.style != Style{}, "\x1b[m"},
		{s.cursor.col > 0, "\r\n"},
	} {
		if step.needed {
			b.WriteString(step.undo)
		}
	}
}

package recording

import (
	"regexp"
	"slices"
	"strings"

	"gofab/internal/screen"
)

// typing is what was typed while it is not clear yet what it is: whether it
// was shown, and whether it was a line or single keys.
type typing struct {
	lines []*line
	full  bool            // the program uses the whole screen: every key counts
	asks  bool            // and there is talk of a password on it
	trust bool            // only what is said to be hidden is
	echo  strings.Builder // what was shown after the first key
	since string          // what was shown after the last key
}

// maxEcho bounds what is looked at.
const maxEcho = 4096

// begins tells whether the next key begins another line.
func (t *typing) begins() bool {
	if len(t.lines) == 0 {
		return true
	}
	last := t.lines[len(t.lines)-1]
	return !t.full && (last.complete() || last.interrupts())
}

// passwords are the words of programs that want one.
var passwords = regexp.MustCompile(`(?i)pass(word|phrase|code|wd)|\bpin\b|secret|kennwort`)

func (t *typing) add(key string, hidden bool) {
	l := t.lines[len(t.lines)-1]
	l.keys = append(l.keys, key)
	l.hidden = l.hidden || hidden
	t.since = ""
}

// shown takes what the program wrote.
func (t *typing) shown(text string) {
	if t.echo.Len() < maxEcho {
		t.echo.WriteString(text)
	}
	if len(t.since) < maxEcho {
		t.since += text
	}
}

// over tells whether all has been shown that will be. A line is over with the
// line end after it, single keys once the program wrote a new line.
func (t *typing) over() bool {
	last := t.lines[len(t.lines)-1]
	switch {
	case t.full && t.asks:
		return last.complete()
	case t.full || last.interrupts():
		return true
	case last.complete():
		return strings.Count(t.echo.String(), "\n") >= len(t.lines) || t.echo.Len() >= maxEcho
	default:
		return strings.Contains(t.since, "\n")
	}
}

// longKey is how many keys without Enter cannot be single answers any more.
const longKey = 4

// isSecret tells whether what was typed was not shown. Programs on the other
// side of an SSH connection switch the echo off where our terminal cannot know,
// so what counts is what was seen. now is the screen after it. In doubt it is a
// secret: a script that asks once too often is better than one that tells.
func (t *typing) isSecret(l *line, now *screen.Screen) bool {
	text := l.typed()
	switch {
	case text == "" || l.interrupts() && len(l.keys) == 1:
		return false
	case l.hidden:
		return true
	case t.trust || t.full && !t.asks:
		return false
	case t.full:
		return l.complete() && !l.edited() && !strings.Contains(squeeze(now.Text()), squeeze(text))
	case l.edited():
		return l.complete() && l.printable() && squeeze(t.echoOf(l)) == ""
	}
	return !strings.HasPrefix(squeeze(t.echoOf(l)), squeeze(text)) && (l.complete() || len(text) >= longKey)
}

// echoOf is where the echo of a line is: the first line of what was shown, or
// as many lines later as there were lines before it. Further ones do not count,
// nor does what is behind other text: a program may show a password itself.
func (t *typing) echoOf(l *line) string {
	at, lines := slices.Index(t.lines, l), shownLines(t.echo.String())
	if at >= len(lines) {
		return ""
	}
	return lines[at]
}

// text is a line as it was typed, or as it was shown where the program
// completed it.
func (t *typing) text(l *line) string {
	if l.edited() && len(t.lines) == 1 {
		if shown := strings.TrimRight(shownLines(t.echo.String())[0], " "); shown != "" {
			return shown
		}
	}
	return l.typed()
}

// shownLines is the output as it looks on a screen that is wide enough.
func shownLines(output string) []string {
	lines := strings.Split(output, "\n")
	for i, text := range lines {
		text = strings.TrimRight(text, "\r")
		s := screen.New(len(text)+1, 1, 0)
		_, _ = s.Write([]byte(text))
		lines[i] = s.Line(0)
	}
	return lines
}

// squeeze leaves blanks out: programs break long lines with them.
func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

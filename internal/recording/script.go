package recording

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gofab/internal/screen"
)

// Script writes a Lua script that plays the person's part: it waits for what
// the person saw before typing.
func (r *Recording) Script() string {
	w := &writer{screen: screen.New(r.Cols, r.Rows, 0), secrets: map[string]string{}}
	for _, e := range r.Events {
		w.event(e)
	}
	return w.head(r) + w.body.String() + w.tail(r)
}

// writer writes the lines of a script while it follows the recording.
type writer struct {
	screen  *screen.Screen
	since   strings.Builder // output after the last input
	body    strings.Builder
	secrets map[string]string // the question for each secret, by its number
	order   []string          // of the secrets
	full    bool              // there are waits on the screen
}

func (w *writer) event(e Event) {
	switch e.Kind {
	case Output:
		_, _ = w.screen.Write([]byte(e.Data))
		w.since.WriteString(e.Data)
	case Resize:
		if cols, rows, ok := parseSize(e.Data); ok {
			w.screen.Resize(cols, rows)
			fmt.Fprintf(&w.body, "p:size(%d, %d)\n", rows, cols)
		}
	case Input, Secret:
		w.wait()
		w.typed(e)
		w.since.Reset()
	}
}

// wait writes what to wait for: the prompt in the output, or the line of the
// cursor in a program that draws its own screen.
func (w *writer) wait() {
	if w.screen.Alternate() {
		if text := strings.TrimSpace(w.screen.Line(w.screen.Cursor().Row)); text != "" {
			w.full = true
			fmt.Fprintf(&w.body, "screen:wait(%s)\n", literal(text))
		}
		return
	}
	if pattern := prompt(w.since.String()); pattern != "" {
		fmt.Fprintf(&w.body, "p:expect(%s)\n", pattern)
	}
}

func (w *writer) typed(e Event) {
	line, whole := strings.CutSuffix(e.Data, "\r")
	full := w.screen.Alternate() // Enter is a key like others there
	switch {
	case e.Kind == Secret:
		if !slices.Contains(w.order, e.Data) {
			w.order = append(w.order, e.Data)
			w.secrets[e.Data] = plainPrompt(w.since.String())
		}
		if full {
			fmt.Fprintf(&w.body, "p:send(secret%s)\np:send(\"\\r\")\n", e.Data)
		} else {
			fmt.Fprintf(&w.body, "p:line(secret%s)\n", e.Data)
		}
	case whole && !full:
		fmt.Fprintf(&w.body, "p:line(%s)\n", quoted(line))
	case e.Data == "\x04":
		w.body.WriteString("p:eof()\n")
	case e.Data == "\x03":
		w.body.WriteString("p:intr()\n")
	default:
		fmt.Fprintf(&w.body, "p:send(%s)\n", quoted(e.Data))
	}
}

// head starts the program, with a terminal of the same size, and asks for the
// secrets.
func (w *writer) head(r *Recording) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- A session of %s.\n-- Its prompts and answers; edit what changes from time to time.\n\n", r.Start.Format("2 January 2006"))
	for _, number := range w.order {
		fmt.Fprintf(&b, "local secret%s = secret.ask(%s) -- or secret.env(\"NAME\")\n", number, quoted(w.secrets[number]))
	}
	words := make([]string, len(r.Command))
	for i, word := range r.Command {
		words[i] = quoted(word)
	}
	fmt.Fprintf(&b, "local p = expect.spawn({ %s }, { rows = %d, cols = %d%s })\n", strings.Join(words, ", "), r.Rows, r.Cols, term(r))
	if w.full {
		b.WriteString("local screen = p:screen()\n")
	}
	return b.String()
}

// term gives the program the terminal it had: another one may mean other
// prompts.
func term(r *Recording) string {
	if r.Term == "" {
		return ""
	}
	return ", term = " + quoted(r.Term)
}

func (w *writer) tail(r *Recording) string {
	last := r.Events
	if len(last) > 0 && last[len(last)-1].Kind == Exit {
		return fmt.Sprintf("p:expect(expect.EOF)\nassert(p:wait().code == %s)\n", last[len(last)-1].Data)
	}
	return "p:expect(expect.EOF)\n"
}

// controls are the escape sequences and control characters in output.
var controls = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\x00-\x1f\x7f]`)

// maxPrompt is how much of a long prompt is waited for, its end.
const maxPrompt = 60

// pieces are the plain texts of the last line that was shown, as they stand
// between colours and other sequences.
func pieces(output string) []string {
	lines := strings.FieldsFunc(output, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		var list []string
		for _, piece := range controls.Split(lines[i], -1) {
			if piece != "" {
				list = append(list, piece)
			}
		}
		if strings.TrimSpace(strings.Join(list, "")) != "" {
			return list
		}
	}
	return nil
}

// prompt is the pattern for the last line of the output, as Lua.
func prompt(output string) string {
	list := pieces(output)
	switch len(list) {
	case 0:
		return ""
	case 1:
		return literal(end(list[0]))
	}
	for i := range list {
		list[i] = regexp.QuoteMeta(list[i])
	}
	return quoted(strings.Join(list, `[^\n]*`)) // colours may be between
}

// literal writes a text as a pattern for just itself.
func literal(text string) string {
	if regexp.QuoteMeta(text) == text {
		return quoted(text)
	}
	return "expect.literal(" + quoted(text) + ")"
}

func plainPrompt(output string) string {
	if text := strings.Join(pieces(output), ""); strings.TrimSpace(text) != "" {
		return end(text)
	}
	return "Password: "
}

// end is the last part of a long text.
func end(text string) string {
	if r := []rune(text); len(r) > maxPrompt {
		return string(r[len(r)-maxPrompt:])
	}
	return text
}

// quoted writes a text as a Lua string.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

func parseSize(text string) (cols, rows int, ok bool) {
	left, right, found := strings.Cut(text, "x")
	cols, err := strconv.Atoi(left)
	rows, err2 := strconv.Atoi(right)
	return cols, rows, found && err == nil && err2 == nil
}

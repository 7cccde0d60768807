package recording

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gofab/internal/screen"
)

// maxSize bounds the text of a recording.
const maxSize = 64 << 20

// Recorder takes a session down while it goes on. It is not safe for several
// goroutines at once.
type Recorder struct {
	recording Recording
	now       func() time.Time
	screen    *screen.Screen
	size      int
	limit     int     // of size
	rest      string  // the beginning of a character
	typing    *typing // what is not decided yet
	trust     bool    // who types says what is hidden
	secrets   secrets
}

// New begins a recording.
func New(program Program, cols, rows int, now func() time.Time) *Recorder {
	return &Recorder{
		recording: Recording{Program: program, Cols: cols, Rows: rows, Start: now()},
		now:       now, screen: screen.New(cols, rows, 0), limit: maxSize,
	}
}

// Trust says that Input is always told what is hidden, so that nothing has to
// be guessed from what is shown.
func (r *Recorder) Trust() { r.trust = true }

// Output takes what the program wrote.
func (r *Recorder) Output(p []byte) {
	_, _ = r.screen.Write(p)
	text := r.rest + string(p)
	whole := wholeRunes(text)
	r.rest = text[whole:]
	text = strings.ToValidUTF8(text[:whole], "\ufffd")
	r.add(Output, text)
	if r.typing != nil {
		r.typing.shown(text)
		if r.typing.over() {
			r.finish()
		}
	}
}

// wholeRunes is the length of a text without the beginning of a character at
// its end.
func wholeRunes(text string) int {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if !utf8.FullRuneInString(text[at:]) {
				return at
			}
			break
		}
	}
	return len(text)
}

// Input takes what the person typed. hidden says that the program's terminal
// does not show it.
func (r *Recorder) Input(p []byte, hidden bool) {
	for _, key := range keys(string(p)) {
		if r.typing == nil {
			full := r.screen.Alternate()
			r.typing = &typing{full: full, asks: full && passwords.MatchString(r.screen.Text()), trust: r.trust}
		}
		if r.typing.begins() {
			r.add(Input, "")
			r.typing.lines = append(r.typing.lines, &line{event: len(r.recording.Events) - 1})
		}
		r.typing.add(key, hidden)
	}
}

// Resize takes the new size of the window.
func (r *Recorder) Resize(cols, rows int) {
	r.screen.Resize(cols, rows)
	r.add(Resize, fmt.Sprintf("%dx%d", cols, rows))
}

// Close ends the recording. The code is left out when it is negative: nobody
// knows it.
func (r *Recorder) Close(code int) *Recording {
	r.finish()
	if r.rest != "" {
		r.add(Output, strings.ToValidUTF8(r.rest, "\ufffd"))
	}
	if code >= 0 {
		r.add(Exit, fmt.Sprint(code))
	}
	r.secrets.hide(&r.recording)
	return &r.recording
}

// add notes an event. Output of a recording that is too large is left out.
func (r *Recorder) add(kind Kind, data string) {
	if kind == Output && (data == "" || r.size+len(data) > r.limit) {
		r.recording.Cut = r.recording.Cut || data != ""
		return
	}
	r.size += len(data)
	r.recording.Events = append(r.recording.Events, Event{r.now().Sub(r.recording.Start), kind, data})
}

// finish fills in the events that were kept free for what is being typed.
func (r *Recorder) finish() {
	if r.typing == nil {
		return
	}
	t := r.typing
	r.typing = nil
	for _, l := range t.lines {
		event := &r.recording.Events[l.event]
		switch {
		case t.isSecret(l, r.screen) && l.interrupts(): // what was typed before is lost anyway
			event.Data = l.last()
		case t.isSecret(l, r.screen):
			event.Kind, event.Data = Secret, r.secrets.number(l.typed())
		case l.complete() && !t.full:
			event.Data = t.text(l) + "\r"
		default:
			event.Data = l.raw()
		}
	}
}

package command

import (
	"bytes"
	"strings"

	"gofab/internal/shell"
)

// dialogue watches the stream on which sudo asks for the password. It takes
// the two marks out of it, which may arrive in pieces of any size, and lets all
// else through. After the ready mark it looks at nothing any more, so the
// command cannot ask for the password in sudo's name.
type dialogue struct {
	marks   [2]string // prompt, ready
	asked   func()    // the password is wanted for the first time
	refused func()    // it is wanted again
	ready   func()    // the command has begun

	prompts int
	begun   bool
	held    []byte // an end that may be the beginning of a mark
}

func newDialogue(marker string) *dialogue {
	return &dialogue{marks: [2]string{shell.Prompt(marker), shell.Ready(marker)}}
}

// filter gives what is not part of the dialogue.
func (d *dialogue) filter(p []byte) []byte {
	if d.begun && len(d.held) == 0 {
		return p
	}
	text := append(d.held, p...)
	d.held = nil
	var out []byte
	for !d.begun {
		at, mark := d.find(text)
		if at < 0 {
			break
		}
		out = append(out, text[:at]...)
		text = text[at+len(mark):]
		d.step(mark)
	}
	if !d.begun {
		cut := len(text) - d.partial(text)
		text, d.held = text[:cut], bytes.Clone(text[cut:])
	}
	return append(out, text...)
}

func (d *dialogue) step(mark string) {
	switch {
	case mark == d.marks[1]:
		d.begun = true
		d.ready()
	case d.prompts == 0:
		d.prompts++
		d.asked()
	default:
		d.refused()
	}
}

// find gives the first mark in a text.
func (d *dialogue) find(text []byte) (at int, mark string) {
	at = -1
	for _, m := range d.marks {
		if i := bytes.Index(text, []byte(m)); i >= 0 && (at < 0 || i < at) {
			at, mark = i, m
		}
	}
	return at, mark
}

// partial is the length of the longest end of a text that begins a mark.
func (d *dialogue) partial(text []byte) int {
	for n := min(len(text), len(d.marks[0])-1); n > 0; n-- {
		end := string(text[len(text)-n:])
		if strings.HasPrefix(d.marks[0], end) || strings.HasPrefix(d.marks[1], end) {
			return n
		}
	}
	return 0
}

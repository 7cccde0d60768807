package command

import (
	"bytes"
	"regexp"
	"strings"

	"gofab/internal/shell"
)

// dialogue watches the stream on which sudo, su or doas asks for the password.
// It takes the question and the mark of the beginning out of it, which may
// arrive in pieces of any size, and lets all else through. After the ready mark
// it looks at nothing any more, so the command cannot ask for the password in
// sudo's name.
type dialogue struct {
	marks   [2]string      // prompt of sudo, ready
	prompt  *regexp.Regexp // finds the prompts of others; nil is sudo
	asked   func()         // the password is wanted for the first time
	refused func()         // it is wanted again
	ready   func()         // the command has begun

	prompts  int
	begun    bool
	terminal bool   // it shows a new line after the password
	blank    bool   // white space is dropped: it ends the question
	held     []byte // an end that may be the beginning of a mark
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
		if d.blank {
			text = bytes.TrimLeft(text, " \r\n")
			d.blank = len(text) == 0
		}
		from, to, ready := d.find(text)
		if from < 0 {
			break
		}
		out = append(out, text[:from]...)
		text = text[to:]
		d.step(ready)
	}
	if !d.begun {
		cut := len(text) - d.partial(text)
		text, d.held = text[:cut], bytes.Clone(text[cut:])
	}
	return append(out, text...)
}

func (d *dialogue) step(ready bool) {
	switch {
	case ready:
		d.begun = true
		d.ready()
	case d.prompts == 0:
		d.prompts++
		d.blank = d.prompt != nil || d.terminal
		d.asked()
	default:
		d.refused()
	}
}

// find gives the place of the first mark in a text, -1 for none.
func (d *dialogue) find(text []byte) (from, to int, ready bool) {
	from = bytes.Index(text, []byte(d.marks[1]))
	if from >= 0 {
		to, ready = from+len(d.marks[1]), true
		text = text[:from]
	}
	if d.prompt != nil {
		if m := d.prompt.FindSubmatchIndex(text); m != nil && !ready {
			return m[2], m[3], false
		}
	} else if at := bytes.Index(text, []byte(d.marks[0])); at >= 0 {
		return at, at + len(d.marks[0]), false
	}
	return from, to, ready
}

// partial is the length of an end of a text that may begin a mark: for sudo the
// longest one that does, else the last line, which nobody has to see live.
func (d *dialogue) partial(text []byte) int {
	if d.prompt != nil {
		return min(len(text)-bytes.LastIndexByte(text, '\n')-1, window)
	}
	for n := min(len(text), len(d.marks[0])-1); n > 0; n-- {
		end := string(text[len(text)-n:])
		if strings.HasPrefix(d.marks[0], end) || strings.HasPrefix(d.marks[1], end) {
			return n
		}
	}
	return 0
}

package command

import (
	"io"
	"strings"
)

// reply writes to standard input.
func (a *attempt) reply(text string) { a.input.add(strings.NewReader(text)) }

// stdin decides what standard input is. It stays open for answers, and for a
// command that dies with its link, which is told so by the end of its input.
func (a *attempt) stdin() {
	given := !a.job.options.Stdin.IsZero() || a.job.request.Stdin != nil
	if !given && !a.job.open && !a.job.asks {
		return
	}
	a.input = newFeed()
	if !a.job.asks {
		a.userInput()
	}
}

// userInput adds what the user has for the command. In a terminal the end of
// input is a character, at the beginning of a line; in a transparent one there
// is none.
func (a *attempt) userInput() {
	o := a.job.options
	text := o.Stdin.Text.Reveal()
	ends := !a.job.open && !a.job.transparent
	if o.PTY && ends && text != "" {
		text = keyboard(text)
	}
	a.reply(text)
	if a.file != nil {
		a.input.add(io.Reader(a.file))
		if o.PTY && ends {
			a.reply("\x04\x04")
		}
	}
	if a.job.request.Stdin != nil {
		a.input.add(a.job.request.Stdin)
	}
	if a.job.request.OnInput != nil {
		a.job.request.OnInput(a.write)
	}
	if ends {
		a.input.end()
	}
}

// write is standard input for who has more to say later on.
func (a *attempt) write(text *string) {
	switch {
	case text != nil:
		a.reply(*text)
	case a.job.options.PTY:
		a.reply("\x04")
	default:
		a.input.end()
	}
}

// inputSize is how much standard input there will be; -1 when nobody knows.
func (a *attempt) inputSize() int64 {
	switch {
	case len(a.job.options.Watch) > 0 || a.job.request.OnInput != nil:
		return -1
	case a.file != nil:
		return sizeOf(a.file)
	case a.job.request.Stdin != nil && !a.job.options.Stdin.Text.Empty():
		return -1
	case a.job.request.Stdin != nil:
		return sizeOf(a.job.request.Stdin)
	}
	return int64(len(a.job.options.Stdin.Text.Reveal()))
}

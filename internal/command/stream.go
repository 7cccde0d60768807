package command

import (
	"io"
	"strings"

	"golang.org/x/text/transform"
)

// stream is one output of a command and what it runs through: the dialogue with
// sudo, the files it is saved in, its encoding, and then the result, the lines
// and the answers.
type stream struct {
	attempt   *attempt
	name      string
	dialogue  *dialogue // nil where nobody asks
	pid       *pidMark  // nil where nobody wants to know
	sink      io.Writer // gets it instead of all that follows; nil is none
	decoder   *transform.Writer
	responder responder
	capture   capture
	lines     lines
}

func (a *attempt) newStream(name string) stream {
	o := a.job.options
	s := stream{attempt: a, name: name, capture: capture{limit: int(o.MaxOutput)}}
	s.responder = responder{questions: a.job.questions, counts: a.counts, reply: a.answer}
	if name == "stdout" {
		s.sink = a.job.request.Stdout
		if file := a.job.files.stdout; file != nil {
			s.sink = file
		}
	}
	onLine, fn := a.job.request.OnLine, o.OnLine.caller
	if o.Hide.Hides(name) || a.job.options.Stdin.Terminal {
		onLine = nil
	}
	tail := a.job.request.Tail
	if onLine != nil || fn != nil || tail != nil {
		s.lines.emit = func(line string) {
			if tail != nil {
				tail.add(line)
			}
			a.tell(name, line, onLine, fn)
		}
	}
	return s
}

// tell hands on one line.
func (a *attempt) tell(name, line string, onLine func(stream, line string), fn caller) {
	if onLine != nil {
		onLine(name, line)
	}
	if fn == nil || a.ctx.Err() != nil {
		return
	}
	if _, err := fn.Call(a.ctx, name, line); err != nil {
		a.cancel(err)
	}
}

// Write never fails: a command's output is drained whatever happens to it
// here.
func (s *stream) Write(p []byte) (int, error) {
	a := s.attempt
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return len(p), nil
	}
	text := p
	if s.dialogue != nil {
		text = s.dialogue.filter(p)
	}
	if s.pid != nil && (s.dialogue == nil || s.dialogue.begun) {
		text = s.pid.filter(text)
	}
	if len(text) > 0 {
		s.pass(text)
	}
	return len(p), nil
}

// pass takes what the command itself has written.
func (s *stream) pass(text []byte) {
	a := s.attempt
	if save := a.job.files.save; save != nil {
		if err := a.job.files.keep(save, text); err != nil {
			a.cancel(err)
		}
	}
	if a.person != nil {
		a.person.show(text)
	}
	switch {
	case s.sink != nil:
		s.capture.total += int64(len(text))
		s.capture.skipped = s.capture.total
		if _, err := s.sink.Write(text); err != nil {
			a.cancel(sinkError(err))
		}
	case a.job.options.Encoding != "":
		if s.decoder == nil {
			s.decoder, _ = decoder(a.job.options.Encoding, decoded{s}) // known, see newJob
		}
		_, _ = s.decoder.Write(text)
	default:
		s.keep(text)
	}
}

// decoded is the far end of a decoder.
type decoded struct{ *stream }

func (d decoded) Write(p []byte) (int, error) {
	d.keep(p)
	return len(p), nil
}

// keep is the end of the way.
func (s *stream) keep(text []byte) {
	s.capture.write(text)
	s.lines.write(text)
	if s.dialogue == nil || s.dialogue.begun {
		if err := s.responder.write(text); err != nil {
			s.attempt.cancel(err)
		}
	}
}

// finish hands on what was held back.
func (s *stream) finish() {
	if s.dialogue != nil && len(s.dialogue.held) > 0 {
		s.pass(s.dialogue.held)
	}
	if s.pid != nil && len(s.pid.held) > 0 {
		s.pass(s.pid.rest(0))
	}
	if s.decoder != nil {
		_ = s.decoder.Close()
	}
	s.lines.flush()
}

// cutLines gives the lines of a text without their ends.
func cutLines(text string) []string {
	list := []string{}
	for line := range strings.Lines(text) {
		list = append(list, strings.TrimRight(line, "\r\n"))
	}
	return list
}

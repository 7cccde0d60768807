package event

import (
	"bytes"

	"gofab/internal/secret"
)

// maxLine bounds what one unfinished line may hold in memory.
const maxLine = 32 << 10

// Lines is an io.WriteCloser that turns what a command writes into Output
// events, one for each line. Lines longer than 32 KiB come in parts. Secrets are
// found also where a line is cut. Not safe for concurrent use: give each stream
// of each command its own.
type Lines struct {
	stream *Stream
	like   Output
	filter *secret.Writer
	line   []byte
}

// Lines returns a writer of Output events like the one given, which has
// everything but its Line.
func (s *Stream) Lines(like Output) *Lines {
	l := &Lines{stream: s, like: like}
	l.filter = s.opts.Redactor.Writer(lineWriter{l})
	return l
}

// Write never fails.
func (l *Lines) Write(p []byte) (int, error) { return l.filter.Write(p) }

// Close emits a last line without line end, if there is one.
func (l *Lines) Close() error {
	err := l.filter.Flush()
	if len(l.line) > 0 {
		l.emit(l.line, false)
		l.line = nil
	}
	return err
}

// lineWriter is the end of the filter: it cuts the redacted bytes into lines.
type lineWriter struct{ *Lines }

func (w lineWriter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		head, rest, ended := bytes.Cut(p, []byte{'\n'})
		w.add(head)
		if ended {
			w.emit(w.line, false)
			w.line = w.line[:0]
		}
		p = rest
	}
	return total, nil
}

func (l *Lines) add(text []byte) {
	for len(l.line)+len(text) > maxLine {
		room := maxLine - len(l.line)
		l.emit(append(l.line, text[:room]...), true)
		l.line, text = l.line[:0], text[room:]
	}
	l.line = append(l.line, text...)
}

func (l *Lines) emit(line []byte, partial bool) {
	e := l.like
	if !partial {
		line = bytes.TrimSuffix(line, []byte{'\r'}) // a pseudo terminal ends lines by CR LF
	}
	e.Line, e.Partial = string(line), partial
	l.stream.Emit(e)
}

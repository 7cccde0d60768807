package secret

import "io"

// Writer redacts a stream of bytes. It holds back no more than the bytes that
// could be the beginning of a secret, so a secret split over several writes is
// found. A newline ends every hold. Not safe for concurrent use.
type Writer struct {
	redactor *Redactor
	to       io.Writer
	held     []byte
	hidden   int // so many of the held bytes are covered by stars already written
}

// Writer returns a stream that writes its redacted text to another.
func (r *Redactor) Writer(to io.Writer) *Writer { return &Writer{redactor: r, to: to} }

// Write passes on what is certain to be no part of a secret.
func (w *Writer) Write(p []byte) (int, error) {
	machine := w.redactor.automaton()
	if machine == nil {
		_, err := w.to.Write(p)
		return len(p), err
	}
	w.held = append(w.held, p...)
	return len(p), w.release(machine, false)
}

// Flush passes on what is held, at the end of the stream.
func (w *Writer) Flush() error {
	machine := w.redactor.automaton()
	if machine == nil || len(w.held) == 0 {
		return nil
	}
	return w.release(machine, true)
}

// release writes the held bytes up to where an unfinished needle begins.
func (w *Writer) release(machine *automaton, end bool) error {
	text := string(w.held)
	found, open := machine.scan(text)
	if end {
		open = 0
	}
	limit, done := len(text)-open, w.hidden
	out := make([]byte, 0, len(text))
	for _, hit := range found {
		if hit.start >= limit {
			break
		}
		if hit.start >= done {
			out = append(append(out, text[done:hit.start]...), Mask...)
		}
		done = max(done, hit.end)
	}
	if done < limit {
		out = append(out, text[done:limit]...)
	}
	w.hidden = max(done-limit, 0)
	w.held = append(w.held[:0], text[limit:]...)
	if len(out) == 0 {
		return nil
	}
	_, err := w.to.Write(out)
	return err
}

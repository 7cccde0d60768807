package command

import "bytes"

// maxLine is the longest line that is handed on in one piece, in bytes.
const maxLine = 64 << 10

// lines cuts a stream into lines, without their LF and the CRs before it. A
// line that is too long comes in pieces.
type lines struct {
	emit func(line string) // nil drops all
	open []byte            // a line that has not ended yet
}

func (l *lines) write(p []byte) {
	if l.emit == nil {
		return
	}
	for {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			break
		}
		l.add(p[:end])
		l.cut()
		p = p[end+1:]
	}
	l.add(p)
}

func (l *lines) add(p []byte) {
	for len(l.open)+len(p) > maxLine {
		n := maxLine - len(l.open)
		l.open = append(l.open, p[:n]...)
		l.cut()
		p = p[n:]
	}
	l.open = append(l.open, p...)
}

func (l *lines) cut() {
	l.emit(string(bytes.TrimRight(l.open, "\r")))
	l.open = l.open[:0]
}

// flush hands on a last line without an end.
func (l *lines) flush() {
	if len(l.open) > 0 {
		l.cut()
	}
}

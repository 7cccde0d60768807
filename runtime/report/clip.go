package report

import (
	"bytes"
	"strconv"
)

// Limits of what a report keeps of outputs, in bytes.
const (
	maxStream = 64 << 10 // of one stream of a command
	maxOutput = 64 << 20 // of all commands; equal outputs count once
	thrifty   = 1 << 10  // of one stream once maxOutput is reached
)

// clip keeps the beginning and the end of a text, half of maxStream each.
type clip struct {
	head, tail []byte
	total      int64
}

func (c *clip) add(text string) {
	c.total += int64(len(text))
	n := min(len(text), maxStream/2-len(c.head))
	c.head = append(c.head, text[:n]...)
	c.tail = append(c.tail, text[n:]...)
	if len(c.tail) > maxStream {
		c.tail = append(c.tail[:0], c.tail[len(c.tail)-maxStream/2:]...)
	}
}

// text is what was kept within a limit, with a note where something is missing.
func (c *clip) text(limit int) (text string, left int64) {
	if c.total <= int64(len(c.head)+len(c.tail)) && c.total <= int64(limit) {
		return string(c.head) + string(c.tail), 0
	}
	head, tail := c.head[:min(len(c.head), limit/2)], c.tail
	if len(tail) == 0 {
		tail = c.head[len(head):]
	}
	tail = wholeLines(tail[max(0, len(tail)-limit/2):])
	left = c.total - int64(len(head)+len(tail))
	return string(head) + "\n[... " + strconv.FormatInt(left, 10) + " bytes left out ...]\n" + string(tail), left
}

// wholeLines leaves out the line that a cut went through, unless it is all
// there is.
func wholeLines(text []byte) []byte {
	if _, rest, found := bytes.Cut(text, []byte{'\n'}); found && len(rest) > 0 {
		return rest
	}
	return text
}

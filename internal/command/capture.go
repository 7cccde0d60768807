package command

import "strconv"

// capture keeps the beginning and the end of a stream, limit bytes of each, and
// counts the rest. It takes no more memory than there is to keep.
type capture struct {
	limit int
	head  []byte
	tail  []byte // a ring once it has limit bytes
	next  int    // where the ring's oldest byte is
	total int64

	skipped int64 // went elsewhere
}

func (c *capture) write(p []byte) {
	c.total += int64(len(p))
	n := min(len(p), c.limit-len(c.head))
	c.head = append(c.head, p[:n]...)
	c.end(p[n:])
}

func (c *capture) end(p []byte) {
	if len(p) > c.limit {
		p = p[len(p)-c.limit:]
	}
	n := min(len(p), c.limit-len(c.tail))
	c.tail = append(c.tail, p[:n]...)
	for p = p[n:]; len(p) > 0; p = p[n:] {
		n = copy(c.tail[c.next:], p)
		c.next = (c.next + n) % c.limit
	}
}

// left is the number of bytes that were not kept.
func (c *capture) left() int64 {
	return c.total - c.skipped - int64(len(c.head)+len(c.tail))
}

// text is what was kept, with a note where something is missing.
func (c *capture) text() string {
	note := ""
	if n := c.left(); n > 0 {
		note = "\n[... " + strconv.FormatInt(n, 10) + " bytes left out ...]\n"
	}
	return string(c.head) + note + string(c.tail[c.next:]) + string(c.tail[:c.next])
}

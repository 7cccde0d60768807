// Package telnet makes a telnet connection (RFC 854) a plain stream of what is
// shown and typed.
//
// Rules: of the options the server may echo and suppress go-ahead, and is told
// the terminal's type and size; all others are refused, each change is answered
// once (RFC 1143), and a server that asks for ever gets no answer for ever. A
// line ends with CR LF on the way out, and 0xff is doubled.
package telnet

import (
	"net"
	"sync"
	"time"
)

// Commands and options (RFC 854, 857, 858, 1073, 1091).
const (
	iac, dont, do, wont, will, sb, se = 255, 254, 253, 252, 251, 250, 240

	optBinary, optEcho, optSGA, optType, optSize = 0, 1, 3, 24, 31
)

// maxSub bounds the text of a subnegotiation.
const maxSub = 256

// Conn is a telnet connection.
type Conn struct {
	conn net.Conn
	term string

	limit    sync.Mutex // of deadline
	deadline time.Time  // of writes

	writing    sync.Mutex
	rows, cols int
	sized      bool // the server wants to know the size

	state byte // of the reader: 0 data, iac, a verb, sb, or se for IAC in a subnegotiation
	cr    bool
	sub   []byte
	ours  map[byte]bool // options that are on at our side
	their map[byte]bool
	asked int
}

// maxAnswers bounds the answers to one server.
const maxAnswers = 1000

// New begins to speak telnet on a connection.
func New(conn net.Conn, term string, rows, cols int) *Conn {
	return &Conn{conn: conn, term: term, rows: rows, cols: cols, ours: map[byte]bool{}, their: map[byte]bool{}}
}

// Read gives what the server shows.
func (c *Conn) Read(p []byte) (int, error) {
	for {
		n, err := c.conn.Read(p)
		kept := 0
		for _, b := range p[:n] {
			if c.take(b) {
				p[kept] = b
				kept++
			}
		}
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

// take looks at one byte and tells whether it is data.
func (c *Conn) take(b byte) bool {
	switch c.state {
	case iac:
		return c.command(b)
	case will, wont, do, dont:
		c.negotiate(c.state, b)
		c.state = 0
	case sb:
		if b == iac {
			c.state = se
		} else if len(c.sub) < maxSub {
			c.sub = append(c.sub, b)
		}
	case se:
		c.state = sb
		if b == se {
			c.state = 0
			c.subnegotiated()
		}
	default:
		if b == iac {
			c.state = iac
			return false
		}
		nul := c.cr && b == 0 // CR NUL is a CR (RFC 854)
		c.cr = b == '\r'
		return !nul
	}
	return false
}

func (c *Conn) command(b byte) (data bool) {
	c.state = 0
	switch b {
	case iac:
		return true
	case will, wont, do, dont, sb:
		c.state, c.sub = b, nil
	}
	return false
}

// negotiate answers a change, and says nothing to what is so already.
func (c *Conn) negotiate(verb, option byte) {
	switch verb {
	case will:
		c.agree(c.their, option, option == optEcho || option == optSGA || option == optBinary, do, dont)
	case wont:
		c.refuse(c.their, option, dont)
	case do:
		known := option == optSGA || option == optType || option == optSize || option == optBinary
		c.agree(c.ours, option, known, will, wont)
		if option == optSize {
			c.writing.Lock()
			c.sized = true
			c.writing.Unlock()
			_ = c.sendSize()
		}
	case dont:
		c.refuse(c.ours, option, wont)
	}
}

func (c *Conn) agree(on map[byte]bool, option byte, known bool, yes, no byte) {
	switch {
	case on[option]:
	case known:
		on[option] = true
		c.answer(iac, yes, option)
	default:
		c.answer(iac, no, option)
	}
}

func (c *Conn) refuse(on map[byte]bool, option, no byte) {
	if on[option] {
		on[option] = false
		c.answer(iac, no, option)
	}
}

// subnegotiated tells the terminal's type when it is asked for (RFC 1091).
func (c *Conn) subnegotiated() {
	if len(c.sub) == 2 && c.sub[0] == optType && c.sub[1] == 1 {
		c.answer(append(append([]byte{iac, sb, optType, 0}, c.term...), iac, se)...)
	}
}

// answer has little time: a server that does not read gets no answers.
func (c *Conn) answer(b ...byte) {
	if c.asked++; c.asked > maxAnswers {
		return
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.conn.Write(b)
	c.limit.Lock()
	defer c.limit.Unlock()
	_ = c.conn.SetWriteDeadline(c.deadline)
}

func (c *Conn) sendSize() error {
	c.writing.Lock()
	sized, rows, cols := c.sized, c.rows, c.cols
	c.writing.Unlock()
	if !sized {
		return nil
	}
	b := []byte{iac, sb, optSize}
	for _, n := range []byte{byte(cols >> 8), byte(cols), byte(rows >> 8), byte(rows)} {
		if b = append(b, n); n == iac {
			b = append(b, iac)
		}
	}
	c.answer(append(b, iac, se)...)
	return nil
}

// Resize tells the server the new size.
func (c *Conn) Resize(rows, cols int) error {
	c.writing.Lock()
	c.rows, c.cols = rows, cols
	c.writing.Unlock()
	return c.sendSize()
}

// Write sends what is typed.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	out := make([]byte, 0, len(p)+8)
	ends := make([]int, len(p)) // of each byte in out
	for i, b := range p {
		switch b {
		case '\n':
			out = append(out, '\r', '\n')
		case iac:
			out = append(out, iac, iac)
		default:
			out = append(out, b)
		}
		ends[i] = len(out)
	}
	n, err := c.conn.Write(out)
	sent := 0
	for sent < len(p) && ends[sent] <= n {
		sent++
	}
	return sent, err
}

// SetWriteDeadline limits writes.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.limit.Lock()
	defer c.limit.Unlock()
	c.deadline = t
	return c.conn.SetWriteDeadline(t)
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Interrupt sends the telnet command for it.
func (c *Conn) Interrupt() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err := c.conn.Write([]byte{iac, 244})
	return err
}

package rdata

import (
	"fmt"
	"strings"
)

// reader takes bytes from the front. Once there are too few it gives zeros and
// remembers it, so that forms need no error of their own.
type reader struct {
	msg     []byte
	at, end int
	packed  bool   // msg is a whole message, and names may point into it
	short   bool   // there were too few bytes, or wrong ones
	wire    []byte // what was taken, names written out
}

func newReader(b []byte) *reader { return &reader{msg: b, end: len(b)} }

// left tells how many bytes there still are.
func (r *reader) left() int { return r.end - r.at }

func (r *reader) take(n int) []byte {
	if n < 0 || n > r.left() {
		r.fail()
		return make([]byte, max(0, min(n, 16)))
	}
	taken := r.msg[r.at : r.at+n]
	r.at += n
	r.wire = append(r.wire, taken...)
	return taken
}

// fail gives the record up.
func (r *reader) fail() { r.short, r.at = true, r.end }

// all takes what is left.
func (r *reader) all() []byte { return r.take(r.left()) }

// counted takes a run of bytes with its length in one byte before it.
func (r *reader) counted() []byte { return r.take(int(r.number(1))) }

// number takes an unsigned number of n bytes.
func (r *reader) number(n int) (value int64) {
	for _, b := range r.take(n) {
		value = value<<8 | int64(b)
	}
	return value
}

// name takes a domain name and writes it as BIND does.
func (r *reader) name() string {
	text, wire, next, ok := readName(r.msg, r.at, r.end, r.packed)
	if !ok {
		r.fail()
		return "."
	}
	r.at = next
	r.wire = append(r.wire, wire...)
	return text
}

// readName reads a name at a place of a message; limit is where its part that
// is not pointed at must end. A pointer must point back, so there are no loops.
func readName(msg []byte, at, limit int, packed bool) (text string, wire []byte, next int, ok bool) {
	var space [256]byte
	wire, next = space[:0], -1
	var b strings.Builder
	for {
		if at >= limit {
			return "", nil, 0, false
		}
		n := int(msg[at])
		switch {
		case n == 0:
			if next < 0 {
				next = at + 1
			}
			if b.Len() == 0 {
				b.WriteByte('.')
			}
			return b.String(), append(wire, 0), next, true
		case n < 64:
			if at+1+n > limit || len(wire)+n+2 > 255 {
				return "", nil, 0, false
			}
			wire = append(wire, msg[at:at+1+n]...)
			writeLabel(&b, msg[at+1:at+1+n])
			at += 1 + n
		case n >= 192 && packed && at+1 < limit:
			to := (n&63)<<8 | int(msg[at+1])
			if next < 0 {
				next = at + 2
			}
			if to >= at {
				return "", nil, 0, false
			}
			at, limit = to, at
		default:
			return "", nil, 0, false
		}
	}
}

// writeLabel escapes what a zone file would take for something else.
func writeLabel(b *strings.Builder, label []byte) {
	for _, c := range label {
		switch {
		case c <= ' ' || c >= 0x7f:
			fmt.Fprintf(b, `\%03d`, c)
		case strings.IndexByte(`".;\@$()`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('.')
}

// Name reads a name at a place of a message and tells where it ends.
func Name(msg []byte, at int) (text string, next int, ok bool) {
	text, _, next, ok = readName(msg, at, len(msg), true)
	return text, next, ok
}

package expect

// buffer holds the output that no match has taken yet. Places in it count from
// the beginning of the stream.
type buffer struct {
	data []byte
	off  int   // data before is taken
	base int64 // place of data[off]
	max  int   // more than twice as much is never kept
	lost int64 // bytes dropped since the last match, the oldest first
}

func (b *buffer) end() int64 { return b.base + int64(len(b.data)-b.off) }

// from gives the bytes from a place on.
func (b *buffer) from(at int64) []byte { return b.data[b.off+int(at-b.base):] }

// between gives a copy of the bytes between two places.
func (b *buffer) between(from, to int64) string {
	return string(b.from(from)[:to-from])
}

// add appends output. What was taken makes room first.
func (b *buffer) add(p []byte) {
	if b.off > 0 && len(b.data)+len(p) > cap(b.data) {
		b.data = b.data[:copy(b.data, b.data[b.off:])]
		b.off = 0
	}
	b.data = append(b.data, p...)
}

// overflows says that the byte at a place has to go when more comes.
func (b *buffer) overflows(at int64) bool { return b.end()-at > int64(b.max) }

// trim drops the oldest of what has been looked at, all before seen.
func (b *buffer) trim(seen int64) {
	held := len(b.data) - b.off
	if held <= 2*b.max {
		return
	}
	drop := min(int64(held-b.max), seen-b.base)
	b.take(b.base + drop)
	b.lost += drop
}

// take removes everything before a place.
func (b *buffer) take(to int64) {
	b.off += int(to - b.base)
	b.base = to
	if b.off == len(b.data) {
		b.data, b.off = b.data[:0], 0
	}
}

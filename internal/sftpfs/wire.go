package sftpfs

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Packet types and flags (draft-ietf-secsh-filexfer-02, sections 3, 5, 6.3).
const (
	typeOpen        = 3
	typeData        = 103
	typeName        = 104
	flagCreate      = 0x08
	flagExclusive   = 0x20
	attrPermissions = 0x04
	privateMode     = 0o600
)

// wire is the channel with an eye on the packets that pass, for the things the
// library cannot be asked for.
type wire struct {
	channel io.ReadWriteCloser
	read    atomic.Int64 // when bytes last arrived, Unix nanoseconds

	in  frame // touched by the library's one reader
	out int   // bytes still to be written of a packet; under the library's lock

	mu       sync.Mutex
	listings map[*listing]bool
}

func newWire(channel io.ReadWriteCloser) *wire {
	return &wire{channel: channel, listings: map[*listing]bool{}}
}

func (w *wire) Close() error { return w.channel.Close() }

func (w *wire) lastRead() time.Time { return time.Unix(0, w.read.Load()) }

// errNoData is an answer that would make the library ask for ever.
var errNoData = errors.New("a data packet without data")

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.channel.Read(p)
	w.read.Store(time.Now().UnixNano())
	for rest := p[:n]; len(rest) > 0; {
		taken := w.in.take(rest)
		switch {
		case w.in.isEmptyData():
			return 0, errNoData
		case w.in.kind() == typeName:
			w.listed(taken)
		}
		rest = rest[taken:]
	}
	return n, err
}

// frame follows the borders of packets: four bytes of length, then the type.
type frame struct {
	head [13]byte // length, type, id, and the length of data
	have int      // bytes of the packet so far
}

// take moves on within one packet and tells by how much.
func (f *frame) take(p []byte) int {
	if f.have >= 4 && f.have == f.total() {
		f.have = 0
	}
	n := min(len(p), f.total()-f.have)
	if f.have < len(f.head) {
		copy(f.head[f.have:], p[:n])
	}
	f.have += n
	return n
}

// total is the length of the packet as far as it is known.
func (f *frame) total() int {
	if f.have < 4 {
		return 4
	}
	return 4 + int(binary.BigEndian.Uint32(f.head[:4]))
}

func (f *frame) kind() byte {
	if f.have < 5 {
		return 0
	}
	return f.head[4]
}

func (f *frame) isEmptyData() bool {
	return f.kind() == typeData && f.have >= 13 && binary.BigEndian.Uint32(f.head[9:]) == 0
}

// listing bounds the names that one ReadDir takes in.
type listing struct {
	left int
	stop func()
}

// watch calls stop once more than limit bytes of names have arrived. Listings
// at the same time share what arrives.
func (w *wire) watch(limit int, stop func()) (done func()) {
	l := &listing{limit, stop}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listings[l] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.listings, l)
	}
}

func (w *wire) listed(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for l := range w.listings {
		if l.left -= n; l.left < 0 {
			l.stop()
		}
	}
}

// Write gives an exclusive create its mode. The library writes a packet as
// header and payload, one packet at a time.
func (w *wire) Write(p []byte) (int, error) {
	if w.out > 0 || len(p) < 5 {
		w.out = max(0, w.out-len(p))
		return w.channel.Write(p)
	}
	w.out = 4 + int(binary.BigEndian.Uint32(p)) - len(p)
	if !isExclusiveOpen(p) {
		return w.channel.Write(p)
	}
	private := make([]byte, 0, len(p)+4)
	private = append(private, p[:len(p)-4]...)
	private = binary.BigEndian.AppendUint32(private, attrPermissions)
	private = binary.BigEndian.AppendUint32(private, privateMode)
	binary.BigEndian.PutUint32(private, uint32(len(private)-4))
	if _, err := w.channel.Write(private); err != nil {
		return 0, err
	}
	return len(p), nil
}

// isExclusiveOpen tells a whole packet that opens a new file and has no
// attributes: length, type, id, path, flags, attribute flags.
func isExclusiveOpen(p []byte) bool {
	if len(p) < 21 || p[4] != typeOpen || int(binary.BigEndian.Uint32(p)) != len(p)-4 {
		return false
	}
	flags := binary.BigEndian.Uint32(p[len(p)-8:])
	const exclusive = flagCreate | flagExclusive
	return flags&exclusive == exclusive && binary.BigEndian.Uint32(p[len(p)-4:]) == 0
}

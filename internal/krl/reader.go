package krl

import (
	"encoding/binary"

	"gofab/internal/fault"
)

// reader reads the basic types of SSH (RFC 4251, section 5). After the first
// failure everything is zero.
type reader struct {
	data   []byte
	failed bool
}

func (r *reader) bytes(n int) []byte {
	if r.failed || n > len(r.data) {
		r.failed, r.data = true, nil
		return nil
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) str() []byte { return r.bytes(int(r.uint32())) }

// strings reads all that is left.
func (r *reader) strings(into map[string]bool) {
	for !r.failed && len(r.data) > 0 {
		into[string(r.str())] = true
	}
}

// end tells whether everything was there and nothing more.
func (r *reader) end() error {
	if r.failed || len(r.data) > 0 {
		return fault.New(fault.Parse, "the key revocation list is damaged")
	}
	return nil
}

package sftpfs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// opened answers as a server with one large file, reads as given.
func opened(read func(p packet, off uint64, n uint32) []byte) func(packet) []byte {
	return func(p packet) []byte {
		switch p.kind {
		case typeOpen:
			return reply(102, p.id, str(nil, "h"))
		case 5:
			return read(p, binary.BigEndian.Uint64(p.body[5:]), binary.BigEndian.Uint32(p.body[13:]))
		case 7, 8, 17:
			return reply(105, p.id, fileAttrs(1<<20))
		default:
			return status(p.id, 0, "")
		}
	}
}

func data(id uint32, b []byte) []byte { return reply(typeData, id, str(nil, string(b))) }

// pattern is the content of the large file from off on.
func pattern(off uint64, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte((off + uint64(i)) * 31 >> 3)
	}
	return b
}

func TestShortReads(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	f := start(t, scripted(t, opened(func(p packet, off uint64, n uint32) []byte {
		return data(p.id, pattern(off, 1+rng.IntN(int(n))))
	})), usual)
	file, err := f.Open(t.Context(), "x")
	ok(t, err)
	got := make([]byte, 200_000)
	n, err := file.ReadAt(t.Context(), got, 12_345)
	ok(t, err)
	if n != len(got) || !bytes.Equal(got, pattern(12_345, n)) {
		t.Error("short reads spoil the content")
	}
}

func TestOddReads(t *testing.T) {
	cases := map[string]func(p packet, off uint64, n uint32) []byte{
		"no data": func(p packet, _ uint64, _ uint32) []byte { return data(p.id, nil) },
		"no data, padded": func(p packet, _ uint64, _ uint32) []byte {
			return reply(typeData, p.id, make([]byte, 400))
		},
		"length too large": func(p packet, _ uint64, _ uint32) []byte {
			return reply(typeData, p.id, binary.BigEndian.AppendUint32(nil, 1<<31))
		},
		"wrong id":    func(p packet, off uint64, n uint32) []byte { return data(p.id+1, pattern(off, int(n))) },
		"wrong type":  func(p packet, _ uint64, _ uint32) []byte { return reply(77, p.id, nil) },
		"empty":       func(packet, uint64, uint32) []byte { return []byte{0, 0, 0, 0} },
		"huge packet": func(packet, uint64, uint32) []byte { return []byte{255, 255, 255, 255, typeData} },
		"half packet": func(packet, uint64, uint32) []byte { return []byte{0, 0, 0, 90, typeData} },
	}
	for name, read := range cases {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			f := start(t, scripted(t, opened(read)), quick)
			file, err := f.Open(t.Context(), "x")
			ok(t, err)
			if _, err = file.ReadAt(t.Context(), make([]byte, 1000), 0); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTooMuchData: more than was asked for is cut, not written elsewhere.
func TestTooMuchData(t *testing.T) {
	f := start(t, scripted(t, opened(func(p packet, off uint64, n uint32) []byte {
		return data(p.id, pattern(off, int(n)+1000))
	})), quick)
	file, err := f.Open(t.Context(), "x")
	ok(t, err)
	got := make([]byte, 2000)
	n, err := file.ReadAt(t.Context(), got[:1000], 0)
	if n != 1000 || err != nil || !bytes.Equal(got[1000:], make([]byte, 1000)) {
		t.Errorf("%d, %v", n, err)
	}
}

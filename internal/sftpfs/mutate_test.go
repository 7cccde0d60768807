package sftpfs

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// lostPatience is for mutated answers, many of which leave a call waiting.
var lostPatience = times{quiet: 15 * time.Millisecond, call: 100 * time.Millisecond, grace: 15 * time.Millisecond}

// sensible answers every request as a decent server could.
func sensible(p packet) []byte {
	switch p.kind {
	case typeOpen, 11:
		return reply(102, p.id, str(nil, "h"))
	case 5:
		return data(p.id, pattern(0, int(binary.BigEndian.Uint32(p.body[13:]))))
	case 7, 8, 17:
		return reply(105, p.id, fileAttrs(1<<20))
	case 12:
		body := binary.BigEndian.AppendUint32(nil, 1)
		return reply(typeName, p.id, append(str(str(body, "name"), "-rw-r--r-- name"), fileAttrs(5)...))
	case 16, 19:
		body := binary.BigEndian.AppendUint32(nil, 1)
		return reply(typeName, p.id, append(str(str(body, "/path"), ""), 0, 0, 0, 0))
	case 200:
		if bytes.Contains(p.body, []byte("statvfs")) {
			return reply(201, p.id, make([]byte, 88))
		}
	}
	return status(p.id, 0, "")
}

// TestMutatedAnswers changes bytes of answers: every call comes back, nothing
// panics, nothing stays behind.
func TestMutatedAnswers(t *testing.T) {
	noLeak(t)
	runs := 400
	if testing.Short() {
		runs = 50
	}
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed, 7))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		channel := scripted(t, func(p packet) []byte { return mutate(rng, sensible(p)) })
		if f, err := open(ctx, channel, lostPatience); err == nil {
			everything(ctx, f)
			_ = f.Close()
		}
		if ctx.Err() != nil {
			t.Fatalf("seed %d: a call did not end", seed)
		}
		cancel()
		_ = channel.Close()
	}
}

// mutate spoils one answer in three.
func mutate(rng *rand.Rand, b []byte) []byte {
	if rng.IntN(3) > 0 {
		return b
	}
	b = bytes.Clone(b)
	switch i := rng.IntN(len(b)); rng.IntN(6) {
	case 0:
		b[i] ^= 1 << rng.IntN(8)
	case 1:
		b[i] = byte(rng.Uint32())
	case 2:
		b = b[:i]
	case 3:
		b = append(b[:i], make([]byte, rng.IntN(20))...)
	case 4: // another type, with a length that fits
		b[4] = []byte{101, 102, 103, 104, 105, 201}[rng.IntN(6)]
	case 5: // cut, with a length that fits
		b = b[:max(5, i)]
		binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	}
	return b
}

// FuzzAnswers gives raw bytes of a server to the library and its guard.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(status(2, 0, ""))
	f.Add(append(status(2, 0, ""), reply(105, 3, fileAttrs(9))...))
	f.Add(reply(typeName, 2, binary.BigEndian.AppendUint32(nil, 1<<31)))
	f.Fuzz(func(t *testing.T, answers []byte) {
		ours, theirs := net.Pipe()
		go io.Copy(io.Discard, theirs) // requests do not matter
		go func() {
			_, _ = theirs.Write(append(version(), answers...))
			_ = theirs.Close()
		}()
		side, err := open(t.Context(), ours, lostPatience)
		if err != nil {
			return
		}
		everything(t.Context(), side)
		_ = side.Close()
	})
}

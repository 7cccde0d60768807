package sftpserver

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWriteErrorsReachTheClient(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	w := dialOurs(t, t.TempDir())
	h := w.call(typeOpen, str("/dev/full"), word(openWrite|openAppend), noAttrs).opened(t)
	got := w.call(typeWrite, h, long(0), str("data"))
	if got.code() != statusFailure || !strings.Contains(string(got.body), syscall.ENOSPC.Error()) {
		t.Errorf("a write to a full device: %d %q", got.kind, got.body)
	}
}

func TestAppendIgnoresTheOffset(t *testing.T) {
	home := t.TempDir()
	w := dialOurs(t, home)
	h := w.call(typeOpen, str("log"), word(openWrite|openAppend|openCreate), noAttrs).opened(t)
	for _, text := range []string{"one ", "two"} {
		if got := w.call(typeWrite, h, long(0), str(text)); got.code() != statusOK {
			t.Fatalf("%d %q", got.kind, got.body)
		}
	}
	if data, _ := os.ReadFile(filepath.Join(home, "log")); string(data) != "one two" {
		t.Errorf("got %q", data)
	}
}

// TestHandleOutlivesItsName: attributes of an open file are those of the file,
// wherever its name went meanwhile.
func TestHandleOutlivesItsName(t *testing.T) {
	home := t.TempDir()
	w := dialOurs(t, home)
	h := w.call(typeOpen, str("tmp"), word(openWrite|openCreate), noAttrs).opened(t)
	if got := w.call(typeExtended, str("posix-rename@openssh.com"), str("tmp"), str("final")); got.code() != statusOK {
		t.Fatalf("rename: %d %q", got.kind, got.body)
	}
	mode := append(word(hasMode|hasTimes), append(word(0o640), append(word(1e9), word(1e9)...)...)...)
	if got := w.call(typeFsetstat, h, mode); got.code() != statusOK {
		t.Fatalf("fsetstat: %d %q", got.kind, got.body)
	}
	info, err := os.Stat(filepath.Join(home, "final"))
	if err != nil || info.Mode() != 0o640 || info.ModTime().Unix() != 1e9 {
		t.Errorf("got %v, %v", info, err)
	}
}

// TestPipesDoNotBlock: nothing a client opens can make the server wait.
func TestPipesDoNotBlock(t *testing.T) {
	home := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(home, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := dialOurs(t, home)
	h := w.call(typeOpen, str("pipe"), word(openRead), noAttrs).opened(t)
	if got := w.call(typeRead, h, long(0), word(10)); got.code() == statusOK || got.kind != typeStatus {
		t.Errorf("read: %d %q", got.kind, got.body)
	}
	both := w.call(typeOpen, str("pipe"), word(openRead|openWrite|openAppend), noAttrs).opened(t)
	w.call(typeFstat, both)
	fill := str(strings.Repeat("x", 100<<10)) // more than a pipe holds
	w.call(typeWrite, both, long(0), fill)
	if got := w.call(typeWrite, both, long(0), fill); got.code() != statusFailure {
		t.Errorf("write to a full pipe: %d %q", got.kind, got.body)
	}
}

func TestLargeReads(t *testing.T) {
	home := t.TempDir()
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<15) // 512 KiB
	if err := os.WriteFile(filepath.Join(home, "big"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	w := dialOurs(t, home)
	limits := w.call(typeExtended, str("limits@openssh.com"))
	if limits.kind != typeExtendedReply || len(limits.body) != 32 {
		t.Fatalf("limits: %d %x", limits.kind, limits.body)
	}
	most := binary.BigEndian.Uint64(limits.body[8:])
	h := w.call(typeOpen, str("big"), word(openRead), noAttrs).opened(t)
	got := w.call(typeRead, h, long(3), word(1<<20))
	if got.kind != typeData || uint64(len(got.body)-4) != most || !bytes.Equal(got.body[4:], data[3:3+most]) {
		t.Errorf("read gave %d bytes, limits promised %d", len(got.body)-4, most)
	}
	if got := w.call(typeRead, h, long(uint64(len(data))), word(1)); got.code() != statusEOF {
		t.Errorf("behind the end: %d %q", got.kind, got.body)
	}
}

func TestHandlesAreLimited(t *testing.T) {
	home := t.TempDir()
	w := dialOurs(t, home)
	for range maxHandles {
		w.call(typeOpendir, str(".")).opened(t)
	}
	if got := w.call(typeOpendir, str(".")); got.code() != statusFailure {
		t.Errorf("one more: %d %q", got.kind, got.body)
	}
}

func TestFileSystemFigures(t *testing.T) {
	home := t.TempDir()
	ours, theirs := dialOurs(t, home), dialOriginal(t, home)
	name := str("statvfs@openssh.com")
	a, b := ours.call(typeExtended, name, str(".")), theirs.call(typeExtended, name, str("."))
	if a.kind != typeExtendedReply || len(a.body) != len(b.body) {
		t.Fatalf("ours %d %x, original %d %x", a.kind, a.body, b.kind, b.body)
	}
	for _, field := range []int{0, 1, 2, 5, 10} { // block sizes, blocks, files, longest name: the rest changes
		if x, y := binary.BigEndian.Uint64(a.body[8*field:]), binary.BigEndian.Uint64(b.body[8*field:]); x != y {
			t.Errorf("field %d: ours %d, original %d", field, x, y)
		}
	}
}

func TestMalformedRequestsAreAnswered(t *testing.T) {
	home := t.TempDir()
	w := dialOurs(t, home)
	for kind := range handlers {
		if kind == typeExtended {
			continue
		}
		if got := w.call(kind); got.code() != statusBadMessage && got.code() != statusNoSuchFile {
			t.Errorf("type %d without anything: %d %q", kind, got.kind, got.body)
		}
		if got := w.call(kind, word(0xffffffff)); got.code() != statusBadMessage && got.code() != statusNoSuchFile {
			t.Errorf("type %d with an impossible length: %d %q", kind, got.kind, got.body)
		}
	}
	if got := w.call(99); got.code() != statusUnsupported {
		t.Errorf("unknown type: %d %q", got.kind, got.body)
	}
	if left := tree(t, home); strings.Contains(left, "\n/") {
		t.Errorf("something was made:\n%s", left)
	}
}

// harmless are the requests a fuzzer may send to the real file system.
var harmless = []byte{typeInit, typeClose, typeRead, typeLstat, typeFstat, typeReaddir, typeRealpath, typeStat, typeReadlink}

func FuzzServe(f *testing.F) {
	f.Add(indexOf(typeStat), []byte("\x00\x00\x00\x01\x00\x00\x00\x01."))
	f.Add(indexOf(typeRead), []byte("\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Add(indexOf(typeRealpath), []byte("\x00\x00\x00\x01\x00\x00\x00\x05a/../"))
	home := f.TempDir()
	f.Fuzz(func(t *testing.T, index byte, body []byte) {
		if len(body) > maxPacket-1 {
			return
		}
		kind := harmless[int(index)%len(harmless)]
		var in bytes.Buffer
		in.Write(append(word(uint32(len(body)+1)), kind))
		in.Write(body)
		var out bytes.Buffer
		if err := Serve(struct {
			io.Reader
			io.Writer
		}{&in, &out}, home); err != nil {
			t.Fatal(err)
		}
		if n := out.Len(); n < 5 || int(binary.BigEndian.Uint32(out.Bytes())) != n-4 {
			t.Fatalf("the answer is no packet: %x", out.Bytes())
		}
	})
}

func indexOf(kind byte) byte { return byte(bytes.IndexByte(harmless, kind)) }

func TestImpossibleLengthEndsTheSession(t *testing.T) {
	for _, length := range []uint32{0, maxPacket + 1, 0xffffffff} {
		in := struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(append(word(length), make([]byte, 100)...)), io.Discard}
		if err := Serve(in, t.TempDir()); err != errTooLong {
			t.Errorf("length %d: %v", length, err)
		}
	}
}

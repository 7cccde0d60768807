package sftpserver

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// wire is a raw SFTP session with some server.
type wire struct {
	t  testing.TB
	rw io.ReadWriter
	id uint32
}

// reply is one answer, behind its number.
type reply struct {
	kind byte
	body []byte
}

// dialOurs starts a session with this package's server.
func dialOurs(t testing.TB, home string) *wire {
	t.Helper()
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(there, home); there.Close() }()
	t.Cleanup(func() {
		here.Close()
		if err := <-done; err != nil && err != io.ErrClosedPipe {
			t.Errorf("the server ended with %v", err)
		}
	})
	return hello(&wire{t: t, rw: here})
}

// dialOriginal starts a session with OpenSSH's sftp-server(8).
func dialOriginal(t testing.TB, home string) *wire {
	t.Helper()
	cmd := exec.Command(original(t), "-d", home)
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	return hello(&wire{t: t, rw: struct {
		io.Reader
		io.Writer
	}{out, in}})
}

// original finds sftp-server, which no PATH holds.
func original(t testing.TB) string {
	t.Helper()
	for _, path := range []string{"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return testenv.Require(t, "sftp-server")
}

func hello(w *wire) *wire {
	w.t.Helper()
	w.send(typeInit, word(3))
	if got := w.receive(); got.kind != typeVersion || !bytes.HasPrefix(got.body, word(3)) {
		w.t.Fatalf("hello: %d %q", got.kind, got.body)
	}
	return w
}

func (w *wire) send(kind byte, parts ...[]byte) {
	w.t.Helper()
	body := slices.Concat(parts...)
	packet := append(word(uint32(len(body)+1)), kind)
	if _, err := w.rw.Write(append(packet, body...)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) receive() reply {
	w.t.Helper()
	head := make([]byte, 5)
	if _, err := io.ReadFull(w.rw, head); err != nil {
		w.t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head)-1)
	if _, err := io.ReadFull(w.rw, body); err != nil {
		w.t.Fatal(err)
	}
	return reply{head[4], body}
}

// call sends one request and gives its answer.
func (w *wire) call(kind byte, parts ...[]byte) reply {
	w.t.Helper()
	w.id++
	w.send(kind, append([][]byte{word(w.id)}, parts...)...)
	got := w.receive()
	if len(got.body) < 4 || binary.BigEndian.Uint32(got.body) != w.id {
		w.t.Fatalf("request %d (type %d) was answered as %x", w.id, kind, got.body)
	}
	got.body = got.body[4:]
	return got
}

// code is the status of an answer, -1 when it is another answer.
func (r reply) code() int {
	if r.kind != typeStatus {
		return -1
	}
	return int(binary.BigEndian.Uint32(r.body))
}

// opened is the handle of an answer.
func (r reply) opened(t testing.TB) []byte {
	t.Helper()
	if r.kind != typeHandle {
		t.Fatalf("no handle but %d %q", r.kind, r.body)
	}
	return r.body
}

func word(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
func long(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func str(s string) []byte { return append(word(uint32(len(s))), s...) }

var noAttrs = word(0)

// tree describes a folder: one line per entry with kind, mode, size and target.
func tree(t testing.TB, root string) string {
	t.Helper()
	out, err := exec.Command("find", root, "-printf", "%P %y %m %s %l\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	for i, line := range lines { // the size of a folder says nothing
		if fields := strings.Split(line, " "); len(fields) == 5 && fields[1] == "d" {
			fields[3] = "-"
			lines[i] = strings.Join(fields, " ")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

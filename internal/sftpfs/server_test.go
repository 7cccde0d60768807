package sftpfs

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
)

const sftpServer = "/usr/lib/openssh/sftp-server"

// quick is patience for tests in which nothing arrives.
var quick = times{quiet: 200 * time.Millisecond, call: 2 * time.Second, grace: 200 * time.Millisecond}

// need skips a test when a program is missing, or fails it when
// GOFAB_REQUIRE names it.
func need(tb testing.TB, path, name string) {
	tb.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	for _, required := range strings.Split(os.Getenv("GOFAB_REQUIRE"), ",") {
		if required == name {
			tb.Fatalf("%s is missing", path)
		}
	}
	tb.Skipf("%s is missing", path)
}

// pipes is a program's standard input and output as one channel.
type pipes struct {
	io.Reader
	io.WriteCloser
	out io.Closer
}

func (p pipes) Close() error {
	_ = p.WriteCloser.Close()
	return p.out.Close()
}

// openSSH starts OpenSSH's sftp-server in dir, without sshd.
func openSSH(tb testing.TB, dir string, args ...string) io.ReadWriteCloser {
	tb.Helper()
	need(tb, sftpServer, "sftp-server")
	cmd := exec.Command(sftpServer, args...)
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	channel := pipes{out, in, out}
	tb.Cleanup(func() {
		_ = channel.Close()
		_ = cmd.Wait()
	})
	return channel
}

// goServer starts the library's own server in dir.
func goServer(tb testing.TB, dir string) io.ReadWriteCloser {
	tb.Helper()
	ours, theirs := net.Pipe()
	server, err := sftp.NewServer(theirs, sftp.WithServerWorkingDirectory(dir))
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve()
		_ = server.Close()
	}()
	tb.Cleanup(func() {
		_ = ours.Close()
		<-ended
	})
	return ours
}

func start(tb testing.TB, channel io.ReadWriteCloser, t times) *FS {
	tb.Helper()
	f, err := open(context.Background(), channel, t)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// packet is one request as it came over the wire.
type packet struct {
	kind byte
	id   uint32
	body []byte // after the id
}

// reply makes a packet.
func reply(kind byte, id uint32, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(5+len(body)))
	b = append(b, kind)
	b = binary.BigEndian.AppendUint32(b, id)
	return append(b, body...)
}

func status(id, code uint32, text string) []byte {
	b := binary.BigEndian.AppendUint32(nil, code)
	return reply(101, id, append(str(b, text), 0, 0, 0, 0))
}

func str(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// fileAttrs has a size and the mode of a plain file.
func fileAttrs(size uint64) []byte {
	b := binary.BigEndian.AppendUint32(nil, 1|4)
	b = binary.BigEndian.AppendUint64(b, size)
	return binary.BigEndian.AppendUint32(b, 0o100644)
}

// scripted is a server that answers as the test says; nil is no answer.
func scripted(tb testing.TB, answer func(p packet) []byte) io.ReadWriteCloser {
	tb.Helper()
	ours, theirs := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = theirs.Close() }()
		serve(theirs, answer)
	}()
	tb.Cleanup(func() {
		_ = ours.Close()
		<-ended
	})
	return ours
}

func serve(conn io.ReadWriter, answer func(p packet) []byte) {
	answers := make(chan []byte, 1000)
	defer close(answers)
	go func() {
		for a := range answers {
			if _, err := conn.Write(a); err != nil {
				return
			}
		}
	}()
	for {
		var head [5]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:4])-1)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		p := packet{head[4], binary.BigEndian.Uint32(body), body[4:]}
		if p.kind == 1 { // INIT has its version where the id would be
			answers <- version()
			continue
		}
		if a := answer(p); a != nil {
			answers <- a
		}
	}
}

func extensions() []byte {
	var b []byte
	for name, data := range map[string]string{"posix-rename@openssh.com": "1", "statvfs@openssh.com": "2", "fsync@openssh.com": "1"} {
		b = str(str(b, name), data)
	}
	return b
}

func version() []byte { return reply(2, 3, extensions()) }

// noLeak fails when goroutines of this test stay.
func noLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		deadline := time.Now().Add(5 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<20)
				t.Errorf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
				return
			}
			runtime.Gosched()
		}
	})
}

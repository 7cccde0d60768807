package transfer_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/sftp"

	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/transfer"
)

const sftpServer = "/usr/lib/openssh/sftp-server"

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

// sshChannel starts OpenSSH's sftp-server with its home in dir.
func sshChannel(tb testing.TB, dir string, args ...string) io.ReadWriteCloser {
	tb.Helper()
	need(tb, sftpServer, "sftp-server")
	return program(tb, dir, sftpServer, args...)
}

func program(tb testing.TB, dir, name string, args ...string) io.ReadWriteCloser {
	tb.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	ok(tb, err)
	out, err := cmd.StdoutPipe()
	ok(tb, err)
	ok(tb, cmd.Start())
	channel := pipes{out, in, out}
	tb.Cleanup(func() {
		_ = channel.Close()
		_ = cmd.Wait()
	})
	return channel
}

// host is a host over OpenSSH's sftp-server.
func host(tb testing.TB, dir string, args ...string) *sftpfs.FS {
	tb.Helper()
	return begin(tb, sshChannel(tb, dir, args...))
}

// goHost is a host over the server of pkg/sftp, which cannot sync.
func goHost(tb testing.TB, dir string) *sftpfs.FS {
	tb.Helper()
	ours, theirs := net.Pipe()
	server, err := sftp.NewServer(theirs, sftp.WithServerWorkingDirectory(dir))
	ok(tb, err)
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
	return begin(tb, ours)
}

func begin(tb testing.TB, channel io.ReadWriteCloser) *sftpfs.FS {
	tb.Helper()
	side, err := sftpfs.New(tb.Context(), channel)
	ok(tb, err)
	tb.Cleanup(func() { _ = side.Close() })
	return side
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantKind(tb testing.TB, err error, kind fault.Kind) {
	tb.Helper()
	if fault.KindOf(err) != kind {
		tb.Errorf("got %q (%v), want %q", fault.KindOf(err), err, kind)
	}
}

// write makes files below dir: "a/b" or, ending in "/", folders.
func write(tb testing.TB, dir string, files map[string]string) {
	tb.Helper()
	for name, content := range files {
		at := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			ok(tb, os.MkdirAll(at, 0o755))
			continue
		}
		ok(tb, os.MkdirAll(filepath.Dir(at), 0o755))
		ok(tb, os.WriteFile(at, []byte(content), 0o644))
	}
}

// read gives all files below dir, links as "-> target", folders as "/".
func read(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir():
			found[name] = "/"
		case d.Type()&os.ModeSymlink != 0:
			target, err := os.Readlink(path)
			ok(tb, err)
			found[name] = "-> " + target
		default:
			content, err := os.ReadFile(path)
			ok(tb, err)
			found[name] = string(content)
		}
		return nil
	})
	ok(tb, err)
	return found
}

// noTemps fails when a temporary file was left in or below dir.
func noTemps(tb testing.TB, dir string) {
	tb.Helper()
	for name := range read(tb, dir) {
		if strings.Contains(name, ".gofab-") {
			tb.Errorf("%s was left behind", name)
		}
	}
}

func put(tb testing.TB, o transfer.PutOptions) transfer.Result {
	tb.Helper()
	result, err := transfer.Put(tb.Context(), o)
	ok(tb, err)
	return result
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

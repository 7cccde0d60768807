package sshserver

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
)

// randomFile makes a file of a size that is no multiple of any block.
func randomFile(t testing.TB, path string, mode fs.FileMode) []byte {
	t.Helper()
	data := make([]byte, 3<<20+12345)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return data
}

func sameFile(t *testing.T, path string, want []byte, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); !bytes.Equal(got, want) || info.Mode() != mode {
		t.Errorf("%s: %d bytes with mode %v, want %d with %v", filepath.Base(path), len(got), info.Mode(), len(want), mode)
	}
}

func TestScpBothWays(t *testing.T) {
	b := startBed(t, []string{"web1"})
	local, home := t.TempDir(), b.Host("web1").Root()
	for _, protocol := range []string{"-s", "-O"} { // over SFTP and, through a command, the old protocol
		data := randomFile(t, filepath.Join(local, "up"), 0o640)
		stamp := time.Unix(1_500_000_000, 0)
		if err := os.Chtimes(filepath.Join(local, "up"), stamp, stamp); err != nil {
			t.Fatal(err)
		}
		if out, errs, code := b.run(b.client("scp", protocol, "-p", filepath.Join(local, "up"), "web1:there")); code != 0 {
			t.Fatalf("up: %q %q %d", out, errs, code)
		}
		sameFile(t, filepath.Join(home, "there"), data, 0o640)
		if info, _ := os.Stat(filepath.Join(home, "there")); !info.ModTime().Equal(stamp) {
			t.Errorf("time %v, want %v", info.ModTime(), stamp)
		}
		if out, errs, code := b.run(b.client("scp", protocol, "web1:there", filepath.Join(local, "down"))); code != 0 {
			t.Fatalf("down: %q %q %d", out, errs, code)
		}
		sameFile(t, filepath.Join(local, "down"), data, 0o640)
		for _, path := range []string{filepath.Join(local, "up"), filepath.Join(local, "down"), filepath.Join(home, "there")} {
			_ = os.Remove(path)
		}
	}
}

func TestScpTree(t *testing.T) {
	b := startBed(t, []string{"web1"})
	local := filepath.Join(t.TempDir(), "tree")
	for _, dir := range []string{"a/b/c", "empty"} {
		if err := os.MkdirAll(filepath.Join(local, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	data := randomFile(t, filepath.Join(local, "a/b/c/file"), 0o600)
	if out, errs, code := b.run(b.client("scp", "-r", local, "web1:")); code != 0 {
		t.Fatalf("%q %q %d", out, errs, code)
	}
	sameFile(t, filepath.Join(b.Host("web1").Root(), "tree/a/b/c/file"), data, 0o600)
	if _, err := os.Stat(filepath.Join(b.Host("web1").Root(), "tree/empty")); err != nil {
		t.Error(err)
	}
}

func TestSftpClient(t *testing.T) {
	b := startBed(t, []string{"web1"})
	local := t.TempDir()
	data := randomFile(t, filepath.Join(local, "f"), 0o644)
	cmd := b.client("sftp", "-b", "-", "web1")
	cmd.Dir = local
	cmd.Stdin = strings.NewReader("pwd\nmkdir d\nput -f f d/g\nsymlink g d/link\nln d/g d/hard\nrename d/g d/h\nchmod 600 d/h\nls -l d\ndf\nget d/h back\n-rm nothing\n")
	out, errs, code := b.run(cmd)
	if code != 0 {
		t.Fatalf("%q %q %d", out, errs, code)
	}
	home := b.Host("web1").Root()
	sameFile(t, filepath.Join(local, "back"), data, 0o600)
	sameFile(t, filepath.Join(home, "d/hard"), data, 0o600)
	if target, err := os.Readlink(filepath.Join(home, "d/link")); target != "g" {
		t.Errorf("link to %q, %v", target, err)
	}
	if !strings.Contains(out, "working directory: "+home+"\n") || !strings.Contains(out, "-rw-------") {
		t.Errorf("got %s", out)
	}
}

func TestGoClientTransfers(t *testing.T) {
	b := startBed(t, []string{"web1"})
	files, err := sftp.NewClient(b.dial("web1"), sftp.UseConcurrentWrites(true))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	data := make([]byte, 5<<20+3)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(data)
	f, err := files.Create(".part")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadFrom(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Errorf("fsync: %v", err)
	}
	if err := errors.Join(f.Chmod(0o640), f.Close(), files.PosixRename(".part", "whole"), files.PosixRename("whole", "whole")); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(b.Host("web1").Root(), "whole"), data, 0o640)
	if err := files.Rename("whole", "whole"); err == nil {
		t.Error("a plain rename overwrote a file")
	}
	if _, err := files.StatVFS("."); err != nil {
		t.Errorf("statvfs: %v", err)
	}
	if _, err := files.Open("absent"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

// BenchmarkSFTP reads and writes 32 MiB with the Go client.
func BenchmarkSFTP(b *testing.B) {
	fleet, err := StartFleet(b.Context(), b.TempDir(), []string{"web1"})
	if err != nil {
		b.Fatal(err)
	}
	defer fleet.Close()
	client, err := dialFleet(fleet, "web1")
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		b.Fatal(err)
	}
	defer files.Close()
	data := make([]byte, 32<<20)
	b.Run("put", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			f, err := files.Create("f")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.ReadFrom(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	b.Run("get", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			f, err := files.Open("f")
			if err != nil {
				b.Fatal(err)
			}
			if n, err := f.WriteTo(io.Discard); n != int64(len(data)) || err != nil {
				b.Fatal(n, err)
			}
			f.Close()
		}
	})
}

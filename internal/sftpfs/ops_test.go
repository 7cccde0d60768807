package sftpfs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// sides are the same file system, reached in four ways.
func sides(t *testing.T) map[string]transfer.FS {
	local, openssh, older, golib := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	return map[string]transfer.FS{
		"local":       transfer.Local(local),
		"sftp-server": start(t, openSSH(t, openssh), usual),
		"before 8.5":  start(t, openSSH(t, older, "-P", "limits"), usual),
		"pkg/sftp":    start(t, goServer(t, golib), usual),
	}
}

func TestAllSidesBehaveAlike(t *testing.T) {
	for name, side := range sides(t) {
		t.Run(name, func(t *testing.T) {
			testFiles(t, side)
			testFolders(t, side)
			testLinks(t, side)
			testFailures(t, side)
		})
	}
}

// TestWhatServersAllow: large blocks and pipelines only for those that are known
// to take them.
func TestWhatServersAllow(t *testing.T) {
	for name, want := range map[string]struct {
		block   int
		orderly bool
	}{"sftp-server": {largeBlock, true}, "before 8.5": {smallBlock, true}, "pkg/sftp": {smallBlock, false}} {
		c := sides(t)[name].(*FS).first
		if c.block != want.block || c.orderly != want.orderly {
			t.Errorf("%s: blocks of %d, orderly %v", name, c.block, c.orderly)
		}
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, kinds ...fault.Kind) {
	t.Helper()
	for _, kind := range kinds {
		if fault.KindOf(err) == kind {
			return
		}
	}
	t.Errorf("got %q (%v), want one of %q", fault.KindOf(err), err, kinds)
}

func testFiles(t *testing.T, side transfer.FS) {
	ctx := t.Context()
	content := bytes.Repeat([]byte("0123456789abcdef"), 10_000) // more than one block
	f, err := side.Create(ctx, "a")
	ok(t, err)
	n, err := f.WriteAt(ctx, content[:100], 0)
	if n != 100 || err != nil {
		t.Fatal(n, err)
	}
	_, err = f.WriteAt(ctx, content[100:], 100)
	ok(t, err)
	if err := f.Sync(ctx); err != nil && fault.KindOf(err) != fault.Unsupported {
		t.Error(err)
	}
	info, err := f.Stat(ctx)
	ok(t, err)
	if info.Size != int64(len(content)) {
		t.Errorf("size %d", info.Size)
	}
	ok(t, f.Chmod(ctx, 0o640))
	ok(t, f.Close(ctx))

	stamp := time.Unix(1_500_000_000, 0)
	ok(t, side.Chtimes(ctx, "a", stamp, stamp))
	info, err = side.Stat(ctx, "a")
	ok(t, err)
	if info.Mode != 0o640 || !info.Modified.Equal(stamp) || info.Name != "a" || info.UID != os.Getuid() {
		t.Errorf("%+v", info)
	}
	f, err = side.Open(ctx, "a")
	ok(t, err)
	got := make([]byte, len(content)+10)
	n, err = f.ReadAt(ctx, got, 0)
	if !errors.Is(err, io.EOF) || !bytes.Equal(got[:n], content) {
		t.Errorf("read %d bytes: %v", n, err)
	}
	n, err = f.ReadAt(ctx, got[:50], int64(len(content)))
	if n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %d, %v", n, err)
	}
	ok(t, f.Close(ctx))
	ok(t, side.Chmod(ctx, "a", 0o4755))
	info, err = side.Stat(ctx, "a")
	ok(t, err)
	if info.Mode.Perm() != 0o755 {
		t.Errorf("mode %v", info.Mode)
	}
}

func testFolders(t *testing.T, side transfer.FS) {
	ctx := t.Context()
	ok(t, side.Mkdir(ctx, "d", 0o711))
	info, err := side.Lstat(ctx, "d")
	ok(t, err)
	if info.Mode != fs.ModeDir|0o711 {
		t.Errorf("mode %v", info.Mode)
	}
	for _, name := range []string{"d/z", "d/b", "d/é"} {
		f, err := side.Create(ctx, name)
		ok(t, err)
		ok(t, f.Close(ctx))
	}
	list, err := side.ReadDir(ctx, "d", 3)
	ok(t, err)
	var names []string
	for _, info := range list {
		names = append(names, info.Name)
	}
	if strings.Join(names, " ") != "b z é" {
		t.Errorf("names %q", names)
	}
	_, err = side.ReadDir(ctx, "d", 2)
	if err == nil || !strings.Contains(err.Error(), "more than 2 entries") {
		t.Errorf("limit: %v", err)
	}
	wantKind(t, side.Remove(ctx, "d"), fault.Exists)
	ok(t, side.Rename(ctx, "d/b", "d/z")) // replaces
	ok(t, side.Remove(ctx, "d/z"))
	ok(t, side.Remove(ctx, "d/é"))
	ok(t, side.Remove(ctx, "d"))
	home, err := side.Home(ctx)
	ok(t, err)
	if !filepath.IsAbs(home) {
		t.Errorf("home %q", home)
	}
	if spacer, can := side.(transfer.Spacer); can {
		space, err := spacer.Space(ctx, ".")
		if err == nil && (space.Total == 0 || space.Free > space.Total) {
			t.Errorf("%+v", space)
		}
	}
}

func testLinks(t *testing.T, side transfer.FS) {
	ctx := t.Context()
	ok(t, side.Symlink(ctx, "a", "link"))
	target, err := side.Readlink(ctx, "link")
	ok(t, err)
	info, err := side.Lstat(ctx, "link")
	ok(t, err)
	if filepath.Base(target) != "a" || !info.IsLink() { // the library's server makes it absolute
		t.Errorf("link to %q: %v", target, info.Mode)
	}
	info, err = side.Stat(ctx, "link")
	ok(t, err)
	if info.IsLink() {
		t.Error("not followed")
	}
	ok(t, side.Remove(ctx, "link"))
}

func testFailures(t *testing.T, side transfer.FS) {
	ctx := t.Context()
	_, err := side.Open(ctx, "missing/x")
	wantKind(t, err, fault.NotFound)
	if err == nil || !strings.HasPrefix(err.Error(), "cannot open missing/x: no such file") {
		t.Errorf("message %v", err)
	}
	_, err = side.Create(ctx, "missing/x")
	wantKind(t, err, fault.NotFound)
	_, err = side.Create(ctx, "a") // the protocol has no code for it
	wantKind(t, err, fault.Exists, fault.Failed)
	ok(t, side.Symlink(ctx, "nowhere", "trap")) // nor is a link followed
	_, err = side.Create(ctx, "trap")
	wantKind(t, err, fault.Exists, fault.Failed)
	_, err = side.Lstat(ctx, "nowhere")
	wantKind(t, err, fault.NotFound)
	_, err = side.Lstat(ctx, "missing")
	wantKind(t, err, fault.NotFound)
	wantKind(t, side.Mkdir(ctx, "a", 0o755), fault.Exists)
	wantKind(t, side.Remove(ctx, "missing"), fault.NotFound)
	wantKind(t, side.Rename(ctx, "missing", "b"), fault.NotFound)
	_, err = side.ReadDir(ctx, "missing", 0)
	wantKind(t, err, fault.NotFound)

	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = side.Stat(ended, "a")
	wantKind(t, err, fault.Cancelled)
}

// TestPrivateFromTheStart looks at the mode before anything else could change
// it, on a server whose umask takes nothing away.
func TestPrivateFromTheStart(t *testing.T) {
	dir := t.TempDir()
	side := start(t, openSSH(t, dir, "-u", "0000"), usual)
	f, err := side.Create(t.Context(), "secret")
	ok(t, err)
	info, err := os.Stat(filepath.Join(dir, "secret"))
	ok(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	ok(t, f.Close(t.Context()))
}

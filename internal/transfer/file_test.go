package transfer_test

import (
	"bytes"
	"context"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// hosts are both kinds of servers and no server at all.
func hosts(t *testing.T, dir string) map[string]transfer.FS {
	return map[string]transfer.FS{"sftp-server": host(t, dir), "pkg/sftp": goHost(t, dir), "local": transfer.Local(dir)}
}

// TestSizes sends files around the borders of blocks there and back.
func TestSizes(t *testing.T) {
	const block = 32 << 10
	for name := range hosts(t, t.TempDir()) {
		t.Run(name, func(t *testing.T) {
			local, home := t.TempDir(), t.TempDir()
			side := hosts(t, home)[name]
			for _, size := range []int{0, 1, block - 1, block, block + 1, 64*block + 7, 3 << 20} {
				content := bytes.Repeat([]byte("a\x00b\xffc"), size/5+1)[:size]
				ok(t, os.WriteFile(filepath.Join(local, "f"), content, 0o644))
				r := put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "f", Target: "g",
					TreeOptions: transfer.TreeOptions{Verify: true}})
				if r.Files != 1 || r.Changed != 1 || r.Bytes != int64(size) || r.Path != "g" {
					t.Errorf("%+v", r)
				}
				_, err := transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(local), Source: "g", Target: "h"})
				ok(t, err)
				back, err := os.ReadFile(filepath.Join(local, "h"))
				ok(t, err)
				memory, err := transfer.Read(t.Context(), side, "g", 10<<20)
				ok(t, err)
				if !bytes.Equal(back, content) || !bytes.Equal(memory, content) {
					t.Errorf("%d bytes came back as %d and %d", size, len(back), len(memory))
				}
			}
			noTemps(t, home)
		})
	}
}

func TestReadLimit(t *testing.T) {
	home := t.TempDir()
	write(t, home, map[string]string{"f": "0123456789"})
	side := host(t, home)
	_, err := transfer.Read(t.Context(), side, "f", 9)
	if err == nil || err.Error() != "cannot read f: it has 10 bytes, more than the limit of 9 bytes" {
		t.Error(err)
	}
	_, err = transfer.Read(t.Context(), side, ".", 9)
	wantKind(t, err, fault.Exists)
	// A file of /proc says it has no size.
	status, err := transfer.Read(t.Context(), side, "/proc/self/status", 1<<20)
	if err != nil || !bytes.Contains(status, []byte("sftp-server")) {
		t.Errorf("%q, %v", status, err)
	}
	_, err = transfer.Read(t.Context(), side, "/proc/self/status", 9)
	wantKind(t, err, fault.Failed)
}

func TestUpdate(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"f": "one"})
	o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "f", Target: "g"}
	o.Update = true
	step := func(name string, changed int) {
		t.Helper()
		if r := put(t, o); r.Changed != changed || r.Files != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	step("new", 1)
	step("same", 0)
	write(t, local, map[string]string{"f": "two"})
	step("same size, other content", 1)
	o.Mode = "0600"
	step("other mode", 1)
	step("same mode", 0)
	o.Preserve, o.Mode = true, ""
	old := time.Unix(1_600_000_000, 0)
	ok(t, os.Chtimes(filepath.Join(local, "f"), old, old))
	step("other time", 1)
	step("same time", 0)
	info, err := os.Stat(filepath.Join(home, "g"))
	ok(t, err)
	if !info.ModTime().Equal(old) {
		t.Errorf("time %v", info.ModTime())
	}
	o.Source, o.Target, o.Preserve = "/proc/self/comm", "comm", false
	write(t, home, map[string]string{"comm": ""})
	step("a source that does not know its size", 1)
	text := "two"
	o.Target = "g"
	o.Source, o.Content, o.Preserve = "", &text, false
	step("same content from memory", 0)
}

// TestLinkAtTheTarget: what the operator names is written through.
func TestLinkAtTheTarget(t *testing.T) {
	for _, target := range []string{"real/f", "HOME/real/f", "real/new", "chain"} {
		local, home := t.TempDir(), t.TempDir()
		write(t, local, map[string]string{"f": "new"})
		write(t, home, map[string]string{"real/f": "old"})
		ok(t, os.Symlink("real/f", filepath.Join(home, "chain")))
		ok(t, os.Symlink(strings.ReplaceAll(target, "HOME", home), filepath.Join(home, "link")))
		put(t, transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "f", Target: "link"})
		got, err := os.ReadFile(filepath.Join(home, "link"))
		ok(t, err)
		info, err := os.Lstat(filepath.Join(home, "link"))
		ok(t, err)
		if string(got) != "new" || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("link to %s: %q, %v", target, got, info.Mode())
		}
		noTemps(t, home)
	}
	home := t.TempDir()
	text := "x"
	ok(t, os.Symlink("a", filepath.Join(home, "b")))
	ok(t, os.Symlink("b", filepath.Join(home, "a")))
	_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local(home), To: host(t, home), Content: &text, Target: "a"})
	if err == nil {
		t.Error("a loop of links was written")
	}
}

func TestOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	nobody, err := user.Lookup("nobody")
	ok(t, err)
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"f": "x", "d/e/g": "x"})
	side := host(t, home)
	o := transfer.PutOptions{From: transfer.Local(local), To: side, Source: "f", Target: "f", Owner: "nobody", Group: "4711", Mode: "4755"}
	put(t, o)
	info, err := side.Stat(t.Context(), "f")
	ok(t, err)
	if strconv.Itoa(info.UID) != nobody.Uid || info.GID != 4711 || info.Mode&os.ModeSetuid == 0 {
		t.Errorf("%+v", info)
	}
	o.Owner, o.Group, o.Mode = "", "", ""
	put(t, o) // keeps the owner of what it replaces
	if info, err = side.Stat(t.Context(), "f"); err != nil || strconv.Itoa(info.UID) != nobody.Uid || info.GID != 4711 {
		t.Errorf("%+v, %v", info, err)
	}
	o.Source, o.Target, o.Owner = "d", "d", "nobody"
	put(t, o)
	for _, name := range []string{"d", "d/e", "d/e/g"} {
		if info, err = side.Stat(t.Context(), name); err != nil || strconv.Itoa(info.UID) != nobody.Uid || info.GID != 0 {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
	o.Owner = "no-such-user"
	_, err = transfer.Put(t.Context(), o)
	wantKind(t, err, fault.NotFound)
}

// changing changes its file while it is read.
type changing struct {
	transfer.FS
	path string
	to   int64
}

func (c changing) Open(ctx context.Context, path string) (transfer.File, error) {
	f, err := c.FS.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return changingFile{f, c}, nil
}

type changingFile struct {
	transfer.File
	c changing
}

func (f changingFile) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := os.Truncate(f.c.path, f.c.to); err != nil {
		return 0, err
	}
	return f.File.ReadAt(ctx, p, off)
}

func TestSourceThatChanges(t *testing.T) {
	for _, c := range []struct {
		to      int64
		growing bool
		want    string
	}{
		{200_000, false, "the file grew from 100000 to 200000 bytes while it was read"},
		{200_000, true, ""},
		{50_000, false, "the file became shorter while it was read"},
		{50_000, true, "the file became shorter while it was read"},
	} {
		local, home := t.TempDir(), t.TempDir()
		write(t, local, map[string]string{"f": strings.Repeat("x", 100_000)})
		write(t, home, map[string]string{"f": "old"})
		o := transfer.PutOptions{From: changing{transfer.Local(local), filepath.Join(local, "f"), c.to}, To: host(t, home), Source: "f", Target: "f"}
		o.Growing = c.growing
		_, err := transfer.Put(t.Context(), o)
		got := read(t, home)
		switch {
		case c.want == "" && (err != nil || len(got["f"]) != 100_000):
			t.Errorf("to %d: %v, %d bytes", c.to, err, len(got["f"]))
		case c.want != "" && (err == nil || err.Error() != "cannot write f: "+c.want || got["f"] != "old"):
			t.Errorf("to %d: %v", c.to, err)
		}
		noTemps(t, home)
	}
}

// TestWithoutAtomicRename: the old file is not lost on a server that cannot
// replace one, and the operator is told.
func TestWithoutAtomicRename(t *testing.T) {
	home := t.TempDir()
	write(t, home, map[string]string{"f": "old"})
	text := "new"
	o := transfer.PutOptions{From: transfer.Local(home), To: host(t, home, "-P", "posix-rename"), Content: &text, Target: "f"}
	r := put(t, o)
	if got := read(t, home); got["f"] != "new" || len(r.Notes) != 1 {
		t.Errorf("%q, notes %q", got, r.Notes)
	}
	noTemps(t, home)
	o.Target = "g"
	if r = put(t, o); len(r.Notes) != 0 {
		t.Errorf("a new file: %q", r.Notes)
	}
}

func TestSweep(t *testing.T) {
	home := t.TempDir()
	old := time.Now().Add(-2 * time.Hour)
	const dead, live = ".f.gofab-abcdefghijklmno2", ".f.gofab-abcdefghijklmno3"
	names := map[string]string{dead: "", live: "", ".f.gofab-short": "", "f": "", ".gofab-abcdefghijklmno2": ""}
	write(t, home, names)
	for name := range names {
		if name != live {
			ok(t, os.Chtimes(filepath.Join(home, name), old, old))
		}
	}
	removed, err := transfer.Sweep(t.Context(), host(t, home), "~", time.Hour)
	ok(t, err)
	if len(removed) != 1 || filepath.Base(removed[0]) != dead {
		t.Errorf("removed %q", removed)
	}
	if left := read(t, home); len(left) != len(names)-1 {
		t.Errorf("left %q", left)
	}
}

func TestProgress(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"d/a": strings.Repeat("x", 1_000_000), "d/b": "y", "d/c": ""})
	var last transfer.Progress
	calls, busy := 0, false
	o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "d", Target: "d"}
	o.Progress = func(p transfer.Progress) {
		if busy || p.Bytes < last.Bytes || p.Files < last.Files {
			t.Errorf("%+v after %+v", p, last)
		}
		busy = true
		last = p
		calls++
		busy = false
	}
	put(t, o)
	if last.Files != 3 || last.TotalFiles != 3 || last.Bytes != 1_000_001 || last.TotalBytes != 1_000_001 || calls < 6 {
		t.Errorf("%+v after %d calls", last, calls)
	}
}

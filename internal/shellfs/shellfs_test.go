package shellfs_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/shellfs"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// place is a folder that is reached in both ways.
func place(t *testing.T) (*shellfs.FS, string) {
	t.Helper()
	dir := t.TempDir()
	local := &command.Local{Env: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}}
	t.Cleanup(func() { _ = local.Close() })
	return shellfs.New(local), dir
}

// names that a shell would trip over.
var names = []string{"plain", "a b", "-n", "$HOME", "it's", "new\nline", "*", "./\xff"[2:], "ü", ";true", "end "}

func TestFilesOfAnyName(t *testing.T) {
	ctx := t.Context()
	f, dir := place(t)
	for _, name := range names {
		h, err := f.Create(ctx, name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if n, err := h.WriteAt(ctx, []byte("content of "+name), 0); err != nil || n != len(name)+11 {
			t.Errorf("%q: %d, %v", name, n, err)
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != "content of "+name {
			t.Errorf("%q: %q, %v", name, got, err)
		}
		if _, err := f.Create(ctx, name); fault.KindOf(err) != fault.Exists {
			t.Errorf("%q again: %v", name, err)
		}
		if err := f.Symlink(ctx, name, name+".link"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if target, err := f.Readlink(ctx, name+".link"); err != nil || target != name && target != "./"+name {
			t.Errorf("%q: %q, %v", name, target, err)
		}
	}
	list, err := f.ReadDir(ctx, ".", 0)
	if err != nil || len(list) != 2*len(names) {
		t.Fatalf("%d entries, %v", len(list), err)
	}
	for _, info := range list {
		want, err := os.Lstat(filepath.Join(dir, info.Name))
		if err != nil || info.Size != want.Size() || info.Mode != want.Mode() || info.Modified.Unix() != want.ModTime().Unix() {
			t.Errorf("%q: %+v, %v", info.Name, info, err)
		}
	}
	if _, err := f.ReadDir(ctx, ".", 3); err == nil {
		t.Error("more than the limit")
	}
}

// Parts of a file at any offset, of any size.
func TestParts(t *testing.T) {
	ctx := t.Context()
	f, dir := place(t)
	r := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	want := make([]byte, 3<<20+17)
	h, err := f.Create(ctx, "parts")
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []int64{0, 1 << 20, 2 << 20, 3 << 20, 512, 1000, 3, 1<<20 + 1} {
		part := make([]byte, min(int64(1+r.IntN(5000)), int64(len(want))-off))
		for i := range part {
			part[i] = byte(r.Uint32())
		}
		copy(want[off:], part)
		if _, err := h.WriteAt(ctx, part, off); err != nil {
			t.Fatal(off, err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "parts"))
	if err != nil || !bytes.Equal(got, want[:len(got)]) {
		t.Fatalf("what is written differs: %d bytes, %v", len(got), err)
	}
	for range 20 {
		off := r.Int64N(int64(len(got)))
		part := make([]byte, 1+r.IntN(100000))
		n, err := h.ReadAt(ctx, part, off)
		short := off+int64(len(part)) > int64(len(got))
		if (err == io.EOF) != short || err != nil && err != io.EOF || !bytes.Equal(part[:n], got[off:off+int64(n)]) {
			t.Errorf("at %d: %d bytes, %v", off, n, err)
		}
	}
}

func TestChanges(t *testing.T) {
	ctx := t.Context()
	f, dir := place(t)
	home, err := f.Home(ctx)
	if real, _ := filepath.EvalSymlinks(dir); err != nil || home != real {
		t.Errorf("home %q, %v", home, err)
	}
	at := time.Unix(1_000_000_000, 0)
	for _, err := range []error{
		f.Mkdir(ctx, "d", fs.ModeSetgid|0o751), f.Chown(ctx, "d", os.Getuid(), -1), f.Chtimes(ctx, "d", at, at.Add(time.Hour)),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	info, err := f.Stat(ctx, "d")
	if err != nil || info.Mode != fs.ModeDir|fs.ModeSetgid|0o751 || !info.Modified.Equal(at.Add(time.Hour)) || info.UID != os.Getuid() {
		t.Errorf("%+v, %v", info, err)
	}
	h, _ := f.Create(ctx, "one")
	if err := h.Chmod(ctx, 0o640); err != nil {
		t.Error(err)
	}
	if info, err := h.Stat(ctx); err != nil || info.Mode != 0o640 {
		t.Errorf("%+v, %v", info, err)
	}
	if err := f.Rename(ctx, "one", "two"); err != nil {
		t.Error(err)
	}
	for what, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"open":          {second(f.Open(ctx, "one")), fault.NotFound},
		"open a folder": {second(f.Open(ctx, "d")), fault.Exists},
		"stat":          {second(f.Stat(ctx, "one")), fault.NotFound},
		"list":          {second(f.ReadDir(ctx, "one", 0)), fault.NotFound},
		"remove":        {f.Remove(ctx, "one"), fault.NotFound},
		"mkdir":         {f.Mkdir(ctx, "d", 0o700), fault.Exists},
		"over a folder": {f.Rename(ctx, "two", "d"), fault.Exists},
		"link":          {f.Symlink(ctx, "x", "two"), fault.Exists},
		"create in":     {second(f.Create(ctx, "no/such")), fault.NotFound},
		"NUL":           {second(f.Create(ctx, "a\x00b")), fault.Usage},
	} {
		if fault.KindOf(c.err) != c.kind {
			t.Errorf("%s: %v, want %s", what, c.err, c.kind)
		}
	}
	for _, name := range []string{"two", "d"} {
		if err := f.Remove(ctx, name); err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func second[A any](_ A, err error) error { return err }

// A whole tree goes there and back through the engine of copies.
func TestTree(t *testing.T) {
	ctx := t.Context()
	f, _ := place(t)
	from, back := t.TempDir(), t.TempDir()
	for i, name := range append(names[:5:5], "empty", "deep/er/x", "deep/y") {
		p := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, bytes.Repeat([]byte(name), i*i*3000), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	local := transfer.Local("/")
	if _, err := transfer.Put(ctx, transfer.PutOptions{From: local, To: f, Source: from, Target: "tree"}); err != nil {
		t.Fatal(err)
	}
	if _, err := transfer.Get(ctx, transfer.GetOptions{From: f, To: local, Source: "tree", Target: filepath.Join(back, "tree")}); err != nil {
		t.Fatal(err)
	}
	same(t, from, filepath.Join(back, "tree"))
}

func same(t *testing.T, a, b string) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(a, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count++
		rel, _ := filepath.Rel(a, p)
		want, _ := os.ReadFile(p)
		got, err := os.ReadFile(filepath.Join(b, rel))
		if !bytes.Equal(got, want) {
			t.Errorf("%q differs", rel)
		}
		return err
	})
	if err != nil || count != 8 {
		t.Errorf("%d files, %v", count, err)
	}
}

func TestEndedContext(t *testing.T) {
	f, _ := place(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Stat(ctx, "x"); fault.KindOf(err) != fault.Cancelled {
		t.Error(err)
	}
}

package remotefile

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// target is a file of this machine, read and written at offsets.
type target struct{ file *os.File }

func (t target) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	return t.file.ReadAt(p, off)
}

func (t target) WriteAt(_ context.Context, p []byte, off int64) (int, error) {
	return t.file.WriteAt(p, off)
}

func (t target) Stat(context.Context) (transfer.Info, error) {
	info, err := t.file.Stat()
	if err != nil {
		return transfer.Info{}, err
	}
	return transfer.Info{Size: info.Size()}, nil
}

func (t target) Truncate(_ context.Context, size int64) error    { return t.file.Truncate(size) }
func (t target) Sync(context.Context) error                      { return t.file.Sync() }
func (t target) Close(context.Context) error                     { return t.file.Close() }
func (t target) Chmod(_ context.Context, mode fs.FileMode) error { return t.file.Chmod(mode) }
func (t target) Chown(_ context.Context, uid, gid int) error     { return t.file.Chown(uid, gid) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	check(t, err)
	return f
}

// Thousands of random steps do the same as with an os.File, which buffers
// nothing.
func TestAsOSFile(t *testing.T) {
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 0))
	ctx, dir := context.Background(), t.TempDir()
	plain := open(t, filepath.Join(dir, "plain"))
	defer plain.Close()
	ours, err := New(ctx, target{open(t, filepath.Join(dir, "ours"))}, false)
	check(t, err)
	for n := range 20_000 {
		size := r.IntN(1 << r.IntN(19))
		switch r.IntN(6) {
		case 0, 1:
			want := make([]byte, size)
			k, _ := io.ReadFull(plain, want)
			got, err := ours.Read(ctx, size, 0)
			if err != nil || !bytes.Equal(got, want[:k]) {
				t.Fatalf("seed %d, step %d: read %d of %d, %v", seed, n, len(got), k, err)
			}
		case 2, 3:
			piece := bytes.Repeat([]byte{byte('a' + n%26)}, size/4)
			_, err := plain.Write(piece)
			check(t, err)
			check(t, ours.Write(ctx, piece))
		case 4:
			whence := r.IntN(3)
			offset := int64(0)
			if whence == io.SeekStart {
				offset = int64(size)
			}
			want, err := plain.Seek(offset, whence)
			check(t, err)
			if got, err := ours.Seek(ctx, offset, whence); err != nil || got != want || ours.Tell() != want {
				t.Fatalf("seed %d, step %d: seek %d, want %d, %v", seed, n, got, want, err)
			}
		case 5:
			check(t, plain.Truncate(int64(size)))
			check(t, ours.Truncate(ctx, int64(size)))
		}
	}
	check(t, ours.Close(ctx))
	a, err := os.ReadFile(filepath.Join(dir, "plain"))
	check(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "ours"))
	check(t, err)
	if !bytes.Equal(a, b) {
		t.Errorf("seed %d: %d and %d bytes at the end", seed, len(a), len(b))
	}
}

func TestLines(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "f")
	text := append(bytes.Repeat([]byte("short\n"), 100_000), bytes.Repeat([]byte("x"), 600_000)...)
	text = append(text, "\n\nlast"...)
	check(t, os.WriteFile(path, text, 0o600))
	f, err := New(ctx, target{open(t, path)}, false)
	check(t, err)
	for want := bufio.NewReader(bytes.NewReader(text)); ; {
		line, _ := want.ReadBytes('\n')
		got, ok, err := f.Line(ctx, 1<<20)
		if err != nil || ok != (len(line) > 0) || !bytes.Equal(got, line) {
			t.Fatalf("%d bytes, %v, %v; want %d bytes", len(got), ok, err, len(line))
		}
		if !ok {
			break
		}
	}
	_, err = f.Seek(ctx, 600_000, io.SeekStart)
	check(t, err)
	if _, _, err := f.Line(ctx, 100_000); fault.KindOf(err) != fault.Failed {
		t.Errorf("a line that is too long: %v", err)
	}
	_, err = f.Seek(ctx, 0, io.SeekStart)
	check(t, err)
	if _, err := f.Read(ctx, -1, 1000); fault.KindOf(err) != fault.Failed {
		t.Errorf("all of a file that is too large: %v", err)
	}
}

// What cannot be written is an error of the call that sends it, and the file
// closes all the same.
func TestFailures(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "f")
	check(t, os.WriteFile(path, []byte("text"), 0o600))
	file, err := os.Open(path)
	check(t, err)
	f, err := New(ctx, target{file}, true)
	check(t, err)
	if f.Tell() != 4 {
		t.Errorf("it begins at %d", f.Tell())
	}
	check(t, f.Write(ctx, []byte("more")))
	if err := f.Flush(ctx, false); err == nil {
		t.Error("no error from flush")
	}
	check(t, f.Write(ctx, []byte("more")))
	if err := f.Close(ctx); err == nil {
		t.Error("no error from close")
	}
	check(t, f.Close(ctx))
	if _, err := file.Stat(); err == nil {
		t.Error("the file is still open")
	}
	for name, err := range map[string]error{
		"write": f.Write(ctx, nil), "flush": f.Flush(ctx, true), "truncate": f.Truncate(ctx, 0),
	} {
		if fault.KindOf(err) != fault.Usage {
			t.Errorf("%s after close: %v", name, err)
		}
	}
}

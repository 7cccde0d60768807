package shellfs

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"strconv"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// file is a path that was opened: there is nothing to keep open.
type file struct {
	fs   *FS
	path string
}

// ReadAt reads a part; tail finds its beginning without reading up to it.
func (f *file) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	const script = `tail -c "+$2" -- "$1" | head -c "$3"`
	out, err := f.fs.run(ctx, f.path, script, nil, f.path, strconv.FormatInt(off+1, 10), strconv.Itoa(len(p)))
	if err != nil {
		return 0, err
	}
	if n := copy(p, out); n < len(p) {
		return n, io.EOF
	}
	return len(p), nil
}

// WriteAt writes a part. dd counts where to begin in blocks of what it writes.
func (f *file) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	size := int64(block)
	for off%size != 0 {
		size /= 2
	}
	const script = `dd of="$1" obs="$2" seek="$3" conv=notrunc`
	_, err := f.fs.run(ctx, f.path, script, bytes.NewReader(p), f.path, strconv.FormatInt(size, 10), strconv.FormatInt(off/size, 10))
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *file) Stat(ctx context.Context) (transfer.Info, error) { return f.fs.Stat(ctx, f.path) }
func (f *file) Chmod(ctx context.Context, mode fs.FileMode) error {
	return f.fs.Chmod(ctx, f.path, mode)
}
func (f *file) Chown(ctx context.Context, uid, gid int) error {
	return f.fs.Chown(ctx, f.path, uid, gid)
}
func (f *file) Close(context.Context) error { return nil }

// Sync is not asked for: few systems can sync one file from a shell.
func (f *file) Sync(context.Context) error {
	return fault.New(fault.Unsupported, "a file is not brought to disk through a shell")
}

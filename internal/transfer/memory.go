package transfer

import (
	"context"
	"io"
	"io/fs"
	"sync"
	"time"

	"gofab/internal/fault"
)

// memory is a file in memory: the source of content, the target of Read.
type memory struct {
	made time.Time
	mu   sync.Mutex
	data []byte
}

func (m *memory) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if off >= int64(len(m.data)) {
		return 0, io.EOF
	}
	n := copy(p, m.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, context.Cause(ctx)
}

// WriteAt grows the file as the bytes come, so that a size that was only
// claimed costs nothing.
func (m *memory) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if more := int(off) + len(p) - len(m.data); more > 0 {
		m.data = append(m.data, make([]byte, more)...)
	}
	return copy(m.data[off:], p), context.Cause(ctx)
}

func (m *memory) Stat(context.Context) (Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Info{Size: int64(len(m.data)), Mode: 0o644, Modified: m.made, Accessed: m.made, UID: -1, GID: -1}, nil
}

func (m *memory) Chmod(context.Context, fs.FileMode) error { return nil }
func (m *memory) Chown(context.Context, int, int) error    { return nil }
func (m *memory) Sync(context.Context) error               { return nil }
func (m *memory) Close(context.Context) error              { return nil }

// Read takes a whole file into memory. A file of more than limit bytes is an
// error, found before anything is read where the size is known.
func Read(ctx context.Context, from FS, path string, limit int64) ([]byte, error) {
	path, err := expand(ctx, from, path)
	if err != nil {
		return nil, err
	}
	src, err := openSource(ctx, from, path)
	if err != nil {
		return nil, because(ctx, err, "cannot read %s", path)
	}
	defer closeQuietly(ctx, from, src.file)
	if src.info.Size > limit {
		return nil, fault.New(fault.Failed, "cannot read %s: it has %s, more than the limit of %s", path, size(src.info.Size), size(limit))
	}
	into := &memory{}
	w := windowFor(from.Limits(), from.Limits())
	if src.info.Size == 0 {
		_, err = w.copyAll(ctx, src.file, into, limit, func(int) {})
	} else {
		err = w.copy(ctx, src.file, into, src.info.Size, nil, func(int) {})
	}
	if err != nil {
		return nil, because(ctx, err, "cannot read %s", path)
	}
	return into.data, nil
}

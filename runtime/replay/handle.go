package replay

import (
	"context"
	"io"
	"io/fs"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// handle is an open file of a double.
type handle struct {
	files *files
	node  *node
	cut   bool // the record has only its beginning
}

func (h *handle) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	data := h.node.data
	if off < int64(len(data)) {
		if n := copy(p, data[off:]); n == len(p) {
			return n, nil
		}
	}
	if h.cut {
		return 0, fault.New(fault.Failed, "the record has only the first %d bytes of the file", len(data))
	}
	return copy(p, data[min(off, int64(len(data))):]), io.EOF
}

func (h *handle) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	if more := off + int64(len(p)) - int64(len(h.node.data)); more > 0 {
		if h.files.size += more; h.files.size > room {
			h.files.size -= more
			return 0, fault.New(fault.NoSpace, "a double takes %d MiB on each host at most", room>>20)
		}
		h.node.data = append(h.node.data, make([]byte, more)...)
	}
	return copy(h.node.data[off:], p), nil
}

func (h *handle) Stat(context.Context) (transfer.Info, error) {
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	i := h.node.info
	if !h.cut {
		i.Size = int64(len(h.node.data))
	}
	return i, nil
}

func (h *handle) Chmod(_ context.Context, mode fs.FileMode) error {
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	h.node.info.Mode = h.node.info.Mode&^fs.ModePerm | mode.Perm()
	return nil
}

func (h *handle) Chown(_ context.Context, uid, gid int) error {
	h.files.mu.Lock()
	defer h.files.mu.Unlock()
	h.node.info.UID, h.node.info.GID = uid, gid
	return nil
}

func (h *handle) Sync(context.Context) error  { return nil }
func (h *handle) Close(context.Context) error { return nil }

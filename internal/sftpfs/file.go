package sftpfs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// handle is an open file of the server, as one channel knows it.
type handle struct {
	*channel
	id string
}

func (h handle) request(kind byte) request { return newRequest(kind).string(h.id) }

// file is an open file. Blocks far into it may travel on other channels, which
// open it a second time.
type file struct {
	fs    *FS
	home  handle
	path  string
	flags uint32

	closed atomic.Bool // a server may use a handle again for another file
	mu     sync.Mutex
	others map[*channel]*other
}

var (
	_ transfer.Finisher   = (*file)(nil)
	_ transfer.StatReader = (*file)(nil)
	_ transfer.Dropper    = (*file)(nil)
)

func (f *FS) Open(ctx context.Context, path string) (transfer.File, error) {
	return f.open(ctx, "open", path, flagRead, newRequest(typeOpen).string(path).uint32(flagRead).noAttrs())
}

// Create makes a file that is private from its first moment.
func (f *FS) Create(ctx context.Context, path string) (transfer.File, error) {
	r := newRequest(typeOpen).string(path).uint32(flagWrite | flagCreate | flagExclusive).mode(0o600)
	return f.open(ctx, "create", path, flagWrite, r)
}

// Reopen opens a file that is there for writing. That it is no link, the caller
// has seen: the protocol cannot ask for it.
func (f *FS) Reopen(ctx context.Context, path string) (transfer.File, error) {
	return f.open(ctx, "open", path, flagWrite, newRequest(typeOpen).string(path).uint32(flagWrite).noAttrs())
}

func (f *FS) open(ctx context.Context, verb, path string, flags uint32, r request) (transfer.File, error) {
	c := f.pick()
	id, err := c.open(ctx, r)
	if err != nil {
		return nil, asFault(err, "cannot %s %s", verb, path)
	}
	return &file{fs: f, home: handle{c, id}, path: path, flags: flags}, nil
}

// part is one request of a read or write.
type part struct {
	*call
	handle
	at, size int // within p
}

// parts cuts p into blocks and sends a request for each; all are on their way
// at once, as far as one caller may.
func (f *file) parts(ctx context.Context, size int, off int64, ask func(h handle, from, to int) *call) ([]part, error) {
	block := f.home.block
	list := make([]part, 0, (size+block-1)/block)
	for at := 0; at < size; at += block {
		h := f.on(ctx, off+int64(at))
		n := min(block, size-at)
		k := ask(h, at, at+n)
		if err := h.start(ctx, k); err != nil {
			return list, err
		}
		list = append(list, part{k, h, at, n})
	}
	return list, nil
}

// portion bounds what one read or write has on its way.
const portion = 2 << 20

// ReadAt asks again for the rest of a short answer.
func (f *file) ReadAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	for n < len(p) && err == nil {
		var got int
		got, err = f.readPortion(ctx, p[n:min(len(p), n+portion)], off+int64(n))
		n += got
	}
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, asFault(err, "cannot read %s", f.path)
}

func (f *file) readPortion(ctx context.Context, p []byte, off int64) (n int, err error) {
	list, err := f.askData(ctx, p, off)
	return f.takeData(ctx, list, err, p, off)
}

func (f *file) askData(ctx context.Context, p []byte, off int64) ([]part, error) {
	return f.parts(ctx, len(p), off, func(h handle, from, to int) *call {
		return &call{request: h.request(typeRead).uint64(uint64(off + int64(from))).uint32(uint32(to - from)), into: p[from:to]}
	})
}

// takeData waits for the parts, all of them, and gives how much of p they fill
// from its start.
func (f *file) takeData(ctx context.Context, list []part, err error, p []byte, off int64) (n int, _ error) {
	for _, part := range list {
		got, partErr := f.takePart(ctx, part, off)
		if err == nil || n == part.at {
			n += got
		}
		if err == nil && partErr != nil {
			err = partErr
		}
	}
	if n < len(p) && err == nil {
		err = noAnswer("data")
	}
	return n, err
}

func (f *file) takePart(ctx context.Context, p part, off int64) (n int, err error) {
	if err = p.wait(ctx, p.call); err != nil {
		return 0, err
	}
	n, err = p.data()
	for err == nil && n < p.size {
		rest := &call{into: p.into[n:]}
		rest.request = p.handle.request(typeRead).uint64(uint64(off + int64(p.at+n))).uint32(uint32(p.size - n))
		if err = p.ask(ctx, rest); err == nil {
			var got int
			got, err = rest.data()
			n += got
		}
	}
	return n, err
}

// ReadStat is ReadAt with a look at the file after it, in one round trip.
func (f *file) ReadStat(ctx context.Context, p []byte, off int64) (int, transfer.Info, error) {
	list, err := f.askData(ctx, p, off)
	for _, part := range list {
		f.settle(ctx, part.call)
	}
	look := &call{request: f.home.request(typeFstat)}
	if err == nil {
		err = f.home.start(ctx, look)
	}
	n, err := f.takeData(ctx, list, err, p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, transfer.Info{}, asFault(err, "cannot read %s", f.path)
	}
	if lookErr := f.home.wait(ctx, look); lookErr != nil {
		return n, transfer.Info{}, asFault(lookErr, "cannot look at %s", f.path)
	}
	info, lookErr := look.info(f.path)
	if lookErr != nil {
		return n, info, asFault(lookErr, "cannot look at %s", f.path)
	}
	return n, info, err
}

func (f *file) WriteAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	for n < len(p) && err == nil {
		to := min(len(p), n+portion)
		if err = f.writePortion(ctx, p[n:to], off+int64(n)); err == nil {
			n = to
		}
	}
	return n, asFault(err, "cannot write %s", f.path)
}

func (f *file) writePortion(ctx context.Context, p []byte, off int64) error {
	list, err := f.askWrite(ctx, p, off)
	for _, part := range list {
		if partErr := part.wait(ctx, part.call); err == nil {
			err = partErr
		}
		if err == nil {
			err = part.okay()
		}
	}
	return err
}

func (f *file) askWrite(ctx context.Context, p []byte, off int64) ([]part, error) {
	return f.parts(ctx, len(p), off, func(h handle, from, to int) *call {
		r := h.request(typeWrite).uint64(uint64(off + int64(from))).uint32(uint32(to - from))
		return &call{request: r, payload: p[from:to]}
	})
}

func (f *file) Stat(ctx context.Context) (transfer.Info, error) {
	k := &call{request: f.home.request(typeFstat)}
	err := f.home.ask(ctx, k)
	var info transfer.Info
	if err == nil {
		info, err = k.info(f.path)
	}
	return info, asFault(err, "cannot look at %s", f.path)
}

func (f *file) Chmod(ctx context.Context, mode fs.FileMode) error {
	return asFault(f.home.do(ctx, f.home.request(typeFsetstat).mode(mode)), "cannot set the mode of %s", f.path)
}

func (f *file) Chown(ctx context.Context, uid, gid int) error {
	r := f.home.request(typeFsetstat).uint32(attrOwner).uint32(uint32(uid)).uint32(uint32(gid))
	return asFault(f.home.do(ctx, r), "cannot set the owner of %s", f.path)
}

const fsync = "fsync@openssh.com"

// Sync brings the file to disk with fsync@openssh.com.
func (f *file) Sync(ctx context.Context) error {
	if !f.home.has(fsync, "1") {
		return fault.New(fault.Unsupported, "the server cannot bring %s to disk", f.path)
	}
	k := &call{request: extended(fsync).string(f.home.id), patient: true}
	err := f.home.ask(ctx, k)
	if err == nil {
		err = k.okay()
	}
	return asFault(err, "cannot bring %s to disk", f.path)
}

// Close closes the file, also where it was opened a second time.
func (f *file) Close(ctx context.Context) error {
	if f.closed.Swap(true) {
		return nil
	}
	f.dropOthers()
	f.home.handles.Add(-1)
	return asFault(f.home.do(ctx, f.home.request(typeClose)), "cannot close %s", f.path)
}

// Drop closes a file that only was read; nobody waits for the answer.
func (f *file) Drop() {
	if f.closed.Swap(true) {
		return
	}
	f.dropOthers()
	f.home.drop(f.home.id)
}

package sftpfs

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/pkg/sftp"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// file is an open handle of the server.
type file struct {
	fs   *FS
	f    *sftp.File
	path string
}

// ReadAt asks block by block; the library asks again for the rest of a short
// answer.
func (f *file) ReadAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	for n < len(p) && err == nil {
		var got int
		got, err = f.readBlock(ctx, p[n:min(len(p), n+block)], off+int64(n))
		n += got
	}
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, asFault(err, "cannot read %s", f.path)
}

func (f *file) readBlock(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := call(ctx, f.fs, nil, func() (int, error) { return f.f.ReadAt(p, off) })
	if err == nil && n < len(p) {
		err = noAnswer("data")
	}
	return n, err
}

func (f *file) WriteAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	for n < len(p) {
		part := p[n:min(len(p), n+block)]
		at := off + int64(n)
		wrote, err := call(ctx, f.fs, nil, func() (int, error) { return f.f.WriteAt(part, at) })
		if err != nil {
			return n, asFault(err, "cannot write %s", f.path)
		}
		if wrote != len(part) {
			return n, fault.New(fault.Protocol, "cannot write %s: %d of %d bytes were taken", f.path, wrote, len(part))
		}
		n += wrote
	}
	return n, nil
}

func (f *file) Stat(ctx context.Context) (transfer.Info, error) {
	return f.fs.info(ctx, f.path, func() (fs.FileInfo, error) { return f.f.Stat() })
}

func (f *file) Chmod(ctx context.Context, mode fs.FileMode) error {
	err := f.fs.do(ctx, func() error { return f.f.Chmod(mode) })
	return asFault(err, "cannot set the mode of %s", f.path)
}

func (f *file) Chown(ctx context.Context, uid, gid int) error {
	err := f.fs.do(ctx, func() error { return f.f.Chown(uid, gid) })
	return asFault(err, "cannot set the owner of %s", f.path)
}

// Sync uses fsync@openssh.com.
func (f *file) Sync(ctx context.Context) error {
	if version, _ := f.fs.client.HasExtension("fsync@openssh.com"); version != "1" {
		return fault.New(fault.Unsupported, "the server cannot bring %s to disk", f.path)
	}
	_, err := callWithin(ctx, f.fs, f.fs.times.patient(), nil, func() (struct{}, error) { return struct{}{}, f.f.Sync() })
	return asFault(err, "cannot bring %s to disk", f.path)
}

func (f *file) Close(ctx context.Context) error {
	return asFault(f.fs.do(ctx, f.f.Close), "cannot close %s", f.path)
}

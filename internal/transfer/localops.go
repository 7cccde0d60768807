package transfer

import (
	"context"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"gofab/internal/fault"
)

func (l *LocalFS) Mkdir(ctx context.Context, path string, mode fs.FileMode) error {
	return l.do(ctx, "make the folder", path, func(at string) error {
		if err := l.ops.Mkdir(at, mode); err != nil {
			return err
		}
		return l.ops.Chmod(at, mode)
	})
}

func (l *LocalFS) Rename(ctx context.Context, from, to string) error {
	return l.do(ctx, "rename to", to, func(at string) error { return l.ops.Rename(l.at(from), at) })
}

func (l *LocalFS) Remove(ctx context.Context, path string) error {
	return l.do(ctx, "remove", path, l.ops.Remove)
}

func (l *LocalFS) Chmod(ctx context.Context, path string, mode fs.FileMode) error {
	return l.do(ctx, "set the mode of", path, func(at string) error { return l.ops.Chmod(at, mode) })
}

func (l *LocalFS) Chown(ctx context.Context, path string, uid, gid int) error {
	return l.do(ctx, "set the owner of", path, func(at string) error { return l.ops.Chown(at, uid, gid) })
}

func (l *LocalFS) Chtimes(ctx context.Context, path string, accessed, modified time.Time) error {
	return l.do(ctx, "set the times of", path, func(at string) error { return l.ops.Chtimes(at, accessed, modified) })
}

func (l *LocalFS) Readlink(ctx context.Context, path string) (target string, err error) {
	err = l.do(ctx, "read the link", path, func(at string) (err error) {
		target, err = l.ops.Readlink(at)
		return err
	})
	return target, err
}

func (l *LocalFS) Symlink(ctx context.Context, target, path string) error {
	return l.do(ctx, "make the link", path, func(at string) error { return l.ops.Symlink(target, at) })
}

// everywhere is os itself.
type everywhere struct{}

func (everywhere) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
func (everywhere) Stat(name string) (fs.FileInfo, error)     { return os.Stat(name) }
func (everywhere) Lstat(name string) (fs.FileInfo, error)    { return os.Lstat(name) }
func (everywhere) Mkdir(name string, perm fs.FileMode) error { return os.Mkdir(name, perm) }
func (everywhere) Rename(from, to string) error              { return os.Rename(from, to) }
func (everywhere) Remove(name string) error                  { return os.Remove(name) }
func (everywhere) Chmod(name string, mode fs.FileMode) error { return os.Chmod(name, mode) }
func (everywhere) Chown(name string, uid, gid int) error     { return os.Chown(name, uid, gid) }
func (everywhere) Readlink(name string) (string, error)      { return os.Readlink(name) }
func (everywhere) Symlink(target, name string) error         { return os.Symlink(target, name) }
func (everywhere) Chtimes(name string, accessed, modified time.Time) error {
	return os.Chtimes(name, accessed, modified)
}

// localFile is an open file of this machine.
type localFile struct {
	f    *os.File
	path string
	turn sync.Mutex // of writes: the kernel lets one in at a time, and the others burn processor time
}

func (f *localFile) do(ctx context.Context, verb string, op func() error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := op(); err != nil && err != io.EOF {
		return fault.OS(err, "cannot %s %s", verb, f.path)
	} else {
		return err
	}
}

func (f *localFile) ReadAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = f.do(ctx, "read", func() (err error) { n, err = f.f.ReadAt(p, off); return err })
	return n, err
}

func (f *localFile) WriteAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	f.turn.Lock()
	defer f.turn.Unlock()
	err = f.do(ctx, "write", func() (err error) { n, err = f.f.WriteAt(p, off); return err })
	return n, err
}

func (f *localFile) Stat(ctx context.Context) (info Info, err error) {
	err = f.do(ctx, "look at", func() error {
		fi, err := f.f.Stat()
		if err == nil {
			info = infoOf(fi)
		}
		return err
	})
	return info, err
}

func (f *localFile) Chmod(ctx context.Context, mode fs.FileMode) error {
	return f.do(ctx, "set the mode of", func() error { return f.f.Chmod(mode) })
}

func (f *localFile) Chown(ctx context.Context, uid, gid int) error {
	return f.do(ctx, "set the owner of", func() error { return f.f.Chown(uid, gid) })
}

func (f *localFile) Sync(ctx context.Context) error { return f.do(ctx, "write", f.f.Sync) }

// Close closes the file even when ctx has ended.
func (f *localFile) Close(context.Context) error {
	return f.do(context.Background(), "close", f.f.Close)
}

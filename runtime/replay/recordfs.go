package replay

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"gofab/internal/transfer"
)

// The operations on files that a record knows. Those that change something a
// replay does itself, where the record does not say that they failed.
const (
	opFiles    = "files" // reaching the file system at all
	opHome     = "home"
	opStat     = "stat"
	opLstat    = "lstat"
	opReadDir  = "readdir"
	opReadlink = "readlink"
	opOpen     = "open"
	opCreate   = "create"
	opMkdir    = "mkdir"
	opRename   = "rename"
	opRemove   = "remove"
	opChmod    = "chmod"
	opChown    = "chown"
	opChtimes  = "chtimes"
	opSymlink  = "symlink"
)

// recordedFS is a file system whose answers are written down.
type recordedFS struct {
	inner    transfer.FS
	recorder *Recorder
	host     string
	user     string
}

// note writes one answer.
func (f *recordedFS) note(op, path string, err error, more func(*File)) {
	line := File{Event: nameFile, Host: f.host, User: f.user, Op: op, Path: f.recorder.clean(path), Error: f.recorder.cleanProblem(err)}
	if err == nil && more != nil {
		more(&line)
	}
	f.recorder.write(line)
}

func (f *recordedFS) Home(ctx context.Context) (string, error) {
	home, err := f.inner.Home(ctx)
	f.note(opHome, "", err, func(l *File) { l.Text = home })
	return home, err
}

func (f *recordedFS) Stat(ctx context.Context, path string) (transfer.Info, error) {
	info, err := f.inner.Stat(ctx, path)
	f.note(opStat, path, err, func(l *File) { l.Info = infoOf(info) })
	return info, err
}

func (f *recordedFS) Lstat(ctx context.Context, path string) (transfer.Info, error) {
	info, err := f.inner.Lstat(ctx, path)
	f.note(opLstat, path, err, func(l *File) { l.Info = infoOf(info) })
	return info, err
}

func (f *recordedFS) ReadDir(ctx context.Context, path string, max int) ([]transfer.Info, error) {
	list, err := f.inner.ReadDir(ctx, path, max)
	f.note(opReadDir, path, err, func(l *File) {
		for _, info := range list {
			l.List = append(l.List, *infoOf(info))
		}
	})
	return list, err
}

func (f *recordedFS) Readlink(ctx context.Context, path string) (string, error) {
	target, err := f.inner.Readlink(ctx, path)
	f.note(opReadlink, path, err, func(l *File) { l.Text = f.recorder.clean(target) })
	return target, err
}

func (f *recordedFS) Open(ctx context.Context, path string) (transfer.File, error) {
	file, err := f.inner.Open(ctx, path)
	if err != nil {
		f.note(opOpen, path, err, nil)
		return nil, err
	}
	return &recordedFile{File: file, fs: f, path: path}, nil
}

func (f *recordedFS) Create(ctx context.Context, path string) (transfer.File, error) {
	file, err := f.inner.Create(ctx, path)
	f.note(opCreate, path, err, nil)
	return file, err
}

func (f *recordedFS) Mkdir(ctx context.Context, path string, mode fs.FileMode) error {
	err := f.inner.Mkdir(ctx, path, mode)
	f.note(opMkdir, path, err, nil)
	return err
}

func (f *recordedFS) Rename(ctx context.Context, from, to string) error {
	err := f.inner.Rename(ctx, from, to)
	f.note(opRename, to, err, nil)
	return err
}

func (f *recordedFS) Remove(ctx context.Context, path string) error {
	err := f.inner.Remove(ctx, path)
	f.note(opRemove, path, err, nil)
	return err
}

func (f *recordedFS) Chmod(ctx context.Context, path string, mode fs.FileMode) error {
	err := f.inner.Chmod(ctx, path, mode)
	f.note(opChmod, path, err, nil)
	return err
}

func (f *recordedFS) Chown(ctx context.Context, path string, uid, gid int) error {
	err := f.inner.Chown(ctx, path, uid, gid)
	f.note(opChown, path, err, nil)
	return err
}

func (f *recordedFS) Chtimes(ctx context.Context, path string, accessed, modified time.Time) error {
	err := f.inner.Chtimes(ctx, path, accessed, modified)
	f.note(opChtimes, path, err, nil)
	return err
}

func (f *recordedFS) Symlink(ctx context.Context, target, path string) error {
	err := f.inner.Symlink(ctx, target, path)
	f.note(opSymlink, path, err, nil)
	return err
}

func (f *recordedFS) Limits() transfer.Limits { return f.inner.Limits() }

// Close closes a file system that can be closed.
func (f *recordedFS) Close() error {
	if c, ok := f.inner.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// recordedFile takes down what is read of a file.
type recordedFile struct {
	transfer.File
	fs   *recordedFS
	path string

	mu      sync.Mutex
	content []byte
	info    *Info
	end     int64 // of what was read
	failed  error
}

func (f *recordedFile) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(ctx, p, off)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil && !errors.Is(err, io.EOF) {
		f.failed = err
	}
	f.end = max(f.end, off+int64(n))
	if off < most {
		part := p[:min(int64(n), most-off)]
		if more := int(off) + len(part) - len(f.content); more > 0 {
			f.content = append(f.content, make([]byte, more)...)
		}
		copy(f.content[off:], part)
	}
	return n, err
}

func (f *recordedFile) Stat(ctx context.Context) (transfer.Info, error) {
	info, err := f.File.Stat(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		f.info = infoOf(info)
	}
	return info, err
}

// Close writes down what was read. A failure in the middle is that of the whole
// file.
func (f *recordedFile) Close(ctx context.Context) error {
	f.mu.Lock()
	content, info, failed, end := f.content, f.info, f.failed, f.end
	f.mu.Unlock()
	f.fs.note(opOpen, f.path, failed, func(l *File) {
		clean := Bytes(f.fs.recorder.clean(string(content)))
		l.Content, l.Info, l.Cut = &clean, info, end > int64(len(content))
	})
	return f.File.Close(ctx)
}

package sftpfs

import (
	"cmp"
	"context"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// block is the payload that every server must take (draft, section 3).
const block = 32 << 10

// Limits: 64 blocks fill the usual window of an SSH channel, 2 MiB.
func (f *FS) Limits() transfer.Limits { return transfer.Limits{Block: block, InFlight: 64} }

// do is call for requests that give nothing back.
func (f *FS) do(ctx context.Context, request func() error) error {
	_, err := call(ctx, f, nil, func() (struct{}, error) { return struct{}{}, request() })
	return err
}

// Home asks once.
func (f *FS) Home(ctx context.Context) (string, error) {
	f.mu.Lock()
	home := f.home
	f.mu.Unlock()
	if home != "" {
		return home, nil
	}
	home, err := call(ctx, f, nil, func() (string, error) { return f.client.RealPath(".") })
	if err == nil && home == "" {
		err = noAnswer("path")
	}
	if err != nil {
		return "", asFault(err, "cannot find the home folder")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.home = home
	return home, nil
}

func (f *FS) Open(ctx context.Context, path string) (transfer.File, error) {
	return f.open(ctx, "open", path, os.O_RDONLY)
}

func (f *FS) Create(ctx context.Context, path string) (transfer.File, error) {
	return f.open(ctx, "create", path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

func (f *FS) open(ctx context.Context, verb, path string, flags int) (transfer.File, error) {
	opened, err := call(ctx, f, closeFile, func() (*sftp.File, error) { return f.client.OpenFile(path, flags) })
	if err == nil && opened == nil {
		err = noAnswer("handle")
	}
	if err != nil {
		return nil, asFault(err, "cannot %s %s", verb, path)
	}
	return &file{fs: f, f: opened, path: path}, nil
}

// closeFile closes a file that nobody waits for any more.
func closeFile(opened *sftp.File) error {
	if opened == nil {
		return nil
	}
	return opened.Close()
}

func (f *FS) Stat(ctx context.Context, path string) (transfer.Info, error) {
	return f.info(ctx, path, func() (fs.FileInfo, error) { return f.client.Stat(path) })
}

func (f *FS) Lstat(ctx context.Context, path string) (transfer.Info, error) {
	return f.info(ctx, path, func() (fs.FileInfo, error) { return f.client.Lstat(path) })
}

func (f *FS) info(ctx context.Context, path string, ask func() (fs.FileInfo, error)) (transfer.Info, error) {
	fi, err := call(ctx, f, nil, ask)
	if err != nil {
		return transfer.Info{}, asFault(err, "cannot look at %s", path)
	}
	info, err := infoOf(fi)
	if err != nil {
		return transfer.Info{}, asFault(err, "cannot look at %s", path)
	}
	return info, nil
}

// infoOf refuses the empty answers that the library lets through.
func infoOf(fi fs.FileInfo) (transfer.Info, error) {
	if fi == nil {
		return transfer.Info{}, noAnswer("attributes")
	}
	st, ok := fi.Sys().(*sftp.FileStat)
	if !ok || st == nil {
		return transfer.Info{}, noAnswer("attributes")
	}
	if st.Size > math.MaxInt64 {
		return transfer.Info{}, fault.New(fault.Protocol, "a size of %d bytes makes no sense", st.Size)
	}
	return transfer.Info{
		Name: fi.Name(), Size: int64(st.Size), Mode: st.FileMode(),
		Modified: st.ModTime(), Accessed: st.AccessTime(), UID: int(st.UID), GID: int(st.GID),
	}, nil
}

// A listing takes at most this many entries, and bytes for each of them on the
// wire: a name comes twice, once in the form of ls -l.
const (
	mostEntries   = 1_000_000
	bytesPerEntry = 1024
)

func (f *FS) ReadDir(ctx context.Context, path string, most int) ([]transfer.Info, error) {
	if most <= 0 {
		most = mostEntries
	}
	inner, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	tooMany := transfer.TooMany(path, most)
	done := f.wire.watch((most+1)*bytesPerEntry, func() { stop(tooMany) })
	defer done()
	list, err := call(inner, f, nil, func() ([]fs.FileInfo, error) { return f.client.ReadDirContext(inner, path) })
	if cause := context.Cause(inner); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, asFault(err, "cannot list %s", path)
	}
	if len(list) > most {
		return nil, tooMany
	}
	infos := make([]transfer.Info, 0, len(list))
	for _, fi := range list {
		info, err := infoOf(fi)
		if err != nil {
			return nil, asFault(err, "cannot list %s", path)
		}
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b transfer.Info) int { return cmp.Compare(a.Name, b.Name) })
	return infos, nil
}

// Mkdir makes the folder and sets its mode, which the library cannot do in one
// step. Between the two the folder is empty.
func (f *FS) Mkdir(ctx context.Context, path string, mode fs.FileMode) error {
	err := f.do(ctx, func() error { return f.client.Mkdir(path) })
	if err == nil {
		return f.Chmod(ctx, path, mode)
	}
	err = asFault(err, "cannot make the folder %s", path)
	if fault.KindOf(err) == fault.Failed && f.there(ctx, path) {
		return fault.New(fault.Exists, "cannot make the folder %s: it exists", path)
	}
	return err
}

func (f *FS) there(ctx context.Context, path string) bool {
	_, err := f.Lstat(ctx, path)
	return err == nil
}

func (f *FS) Rename(ctx context.Context, from, to string) error {
	if _, ok := f.client.HasExtension("posix-rename@openssh.com"); ok {
		err := f.do(ctx, func() error { return f.client.PosixRename(from, to) })
		return asFault(err, "cannot rename to %s", to)
	}
	err := f.do(ctx, func() error { return f.client.Rename(from, to) })
	if err != nil && ctx.Err() == nil && f.there(ctx, to) {
		return fault.New(fault.Unsupported, "cannot rename to %s: it exists, and the server cannot replace it", to)
	}
	return asFault(err, "cannot rename to %s", to)
}

// Remove lets the library try both requests, for files and for folders.
func (f *FS) Remove(ctx context.Context, path string) error {
	err := asFault(f.do(ctx, func() error { return f.client.Remove(path) }), "cannot remove %s", path)
	if fault.KindOf(err) != fault.Failed {
		return err
	}
	if list, listErr := f.ReadDir(ctx, path, 0); listErr == nil && len(list) > 0 {
		return fault.New(fault.Exists, "cannot remove %s: the directory is not empty", path)
	}
	return err
}

func (f *FS) Chmod(ctx context.Context, path string, mode fs.FileMode) error {
	err := f.do(ctx, func() error { return f.client.Chmod(path, mode) })
	return asFault(err, "cannot set the mode of %s", path)
}

func (f *FS) Chown(ctx context.Context, path string, uid, gid int) error {
	err := f.do(ctx, func() error { return f.client.Chown(path, uid, gid) })
	return asFault(err, "cannot set the owner of %s", path)
}

// Chtimes: the protocol has whole seconds from 1970 to 2106.
func (f *FS) Chtimes(ctx context.Context, path string, accessed, modified time.Time) error {
	err := f.do(ctx, func() error { return f.client.Chtimes(path, clamp(accessed), clamp(modified)) })
	return asFault(err, "cannot set the times of %s", path)
}

func clamp(t time.Time) time.Time {
	return time.Unix(min(max(t.Unix(), 0), math.MaxUint32), 0)
}

func (f *FS) Readlink(ctx context.Context, path string) (string, error) {
	target, err := call(ctx, f, nil, func() (string, error) { return f.client.ReadLink(path) })
	if err == nil && target == "" {
		err = noAnswer("target")
	}
	return target, asFault(err, "cannot read the link %s", path)
}

func (f *FS) Symlink(ctx context.Context, target, path string) error {
	err := f.do(ctx, func() error { return f.client.Symlink(target, path) })
	return asFault(err, "cannot make the link %s", path)
}

// readOnly is SSH2_FXE_STATVFS_ST_RDONLY of OpenSSH's PROTOCOL file.
const readOnly = 1

// Space asks with statvfs@openssh.com. The path is made absolute: the library's
// server takes a relative one from the wrong folder.
func (f *FS) Space(ctx context.Context, path string) (transfer.Space, error) {
	if _, ok := f.client.HasExtension("statvfs@openssh.com"); !ok {
		return transfer.Space{}, fault.New(fault.Unsupported, "the server does not tell how full it is")
	}
	home, err := f.Home(ctx)
	if err != nil {
		return transfer.Space{}, err
	}
	if !strings.HasPrefix(path, "/") {
		path = home + "/" + path
	}
	st, err := call(ctx, f, nil, func() (*sftp.StatVFS, error) { return f.client.StatVFS(path) })
	if err == nil && st == nil {
		err = noAnswer("numbers")
	}
	if err != nil {
		return transfer.Space{}, asFault(err, "cannot tell how full %s is", path)
	}
	return transfer.Space{
		Total: st.Blocks * st.Frsize, Free: st.Bavail * st.Frsize,
		Files: st.Files, FilesFree: st.Favail, ReadOnly: st.Flag&readOnly != 0,
	}, nil
}

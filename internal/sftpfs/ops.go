package sftpfs

import (
	"context"
	"io/fs"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// do asks for something that gives nothing back.
func (f *FS) do(ctx context.Context, r request) error {
	return f.pick().do(ctx, r)
}

func (c *channel) do(ctx context.Context, r request) error {
	k := &call{request: r}
	if err := c.ask(ctx, k); err != nil {
		return err
	}
	return k.okay()
}

// okay is the error of a call that gives nothing back.
func (k *call) okay() error {
	_, err := k.result(typeStatus, "status")
	return err
}

// nameOf asks for one name.
func (f *FS) nameOf(ctx context.Context, r request, what string) (string, error) {
	k := &call{request: r}
	if err := f.pick().ask(ctx, k); err != nil {
		return "", err
	}
	return k.name(what)
}

// Home asks once.
func (f *FS) Home(ctx context.Context) (string, error) {
	f.mu.Lock()
	home := f.home
	f.mu.Unlock()
	if home != "" {
		return home, nil
	}
	home, err := f.nameOf(ctx, newRequest(typeRealpath).string("."), "path")
	if err != nil {
		return "", asFault(err, "cannot find the home folder")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.home = home
	return home, nil
}

func (f *FS) Stat(ctx context.Context, path string) (transfer.Info, error) {
	return f.info(ctx, newRequest(typeStat).string(path), path)
}

func (f *FS) Lstat(ctx context.Context, path string) (transfer.Info, error) {
	return f.info(ctx, newRequest(typeLstat).string(path), path)
}

func (f *FS) info(ctx context.Context, r request, path string) (transfer.Info, error) {
	k := &call{request: r}
	err := f.pick().ask(ctx, k)
	var info transfer.Info
	if err == nil {
		info, err = k.info(path)
	}
	return info, asFault(err, "cannot look at %s", path)
}

// info reads the attributes of the file at a path.
func (k *call) info(path string) (transfer.Info, error) {
	f, err := k.result(typeAttrs, "attributes")
	if err != nil {
		return transfer.Info{}, err
	}
	info, err := f.info(path[strings.LastIndexByte(path, '/')+1:])
	if err == nil && f.short {
		err = errMalformed
	}
	return info, err
}

// Mkdir makes the folder and sets its mode, which the server's umask may have
// cut. A folder that was there keeps its mode.
func (f *FS) Mkdir(ctx context.Context, path string, mode fs.FileMode) error {
	err := f.do(ctx, newRequest(typeMkdir).string(path).mode(mode))
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
	if f.first.has("posix-rename@openssh.com", "1") {
		err := f.do(ctx, extended("posix-rename@openssh.com").string(from).string(to))
		return asFault(err, "cannot rename to %s", to)
	}
	err := f.do(ctx, newRequest(typeRename).string(from).string(to))
	if err != nil && ctx.Err() == nil && f.there(ctx, to) {
		return fault.New(fault.Unsupported, "cannot rename to %s: it exists, and the server cannot replace it", to)
	}
	return asFault(err, "cannot rename to %s", to)
}

// Remove tries both requests: for files, and for folders.
func (f *FS) Remove(ctx context.Context, path string) error {
	err := f.do(ctx, newRequest(typeRemove).string(path))
	err = asFault(err, "cannot remove %s", path)
	switch fault.KindOf(err) {
	case fault.Failed, fault.Denied, fault.Exists:
		if f.do(ctx, newRequest(typeRmdir).string(path)) == nil {
			return nil
		}
	}
	if fault.KindOf(err) != fault.Failed {
		return err
	}
	if list, listErr := f.ReadDir(ctx, path, 0); listErr == nil && len(list) > 0 {
		return fault.New(fault.Exists, "cannot remove %s: the directory is not empty", path)
	}
	return err
}

func (f *FS) Chmod(ctx context.Context, path string, mode fs.FileMode) error {
	return asFault(f.do(ctx, newRequest(typeSetstat).string(path).mode(mode)), "cannot set the mode of %s", path)
}

func (f *FS) Chown(ctx context.Context, path string, uid, gid int) error {
	err := f.do(ctx, newRequest(typeSetstat).string(path).uint32(attrOwner).uint32(uint32(uid)).uint32(uint32(gid)))
	return asFault(err, "cannot set the owner of %s", path)
}

func (f *FS) Chtimes(ctx context.Context, path string, accessed, modified time.Time) error {
	err := f.do(ctx, newRequest(typeSetstat).string(path).uint32(attrTimes).uint32(seconds(accessed)).uint32(seconds(modified)))
	return asFault(err, "cannot set the times of %s", path)
}

func (f *FS) Readlink(ctx context.Context, path string) (string, error) {
	target, err := f.nameOf(ctx, newRequest(typeReadlink).string(path), "target")
	return target, asFault(err, "cannot read the link %s", path)
}

// Symlink has its arguments in the order of OpenSSH, not of the draft
// (OpenSSH's PROTOCOL file, section 4.1); all others followed.
func (f *FS) Symlink(ctx context.Context, target, path string) error {
	err := f.do(ctx, newRequest(typeSymlink).string(target).string(path))
	return asFault(err, "cannot make the link %s", path)
}

// readOnly is SSH2_FXE_STATVFS_ST_RDONLY of OpenSSH's PROTOCOL file.
const readOnly = 1

// Space asks with statvfs@openssh.com. The path is made absolute: some servers
// take a relative one from the wrong folder.
func (f *FS) Space(ctx context.Context, path string) (transfer.Space, error) {
	if !f.first.has("statvfs@openssh.com", "2") {
		return transfer.Space{}, fault.New(fault.Unsupported, "the server does not tell how full it is")
	}
	home, err := f.Home(ctx)
	if err != nil {
		return transfer.Space{}, err
	}
	if !strings.HasPrefix(path, "/") {
		path = home + "/" + path
	}
	k := &call{request: extended("statvfs@openssh.com").string(path)}
	err = f.pick().ask(ctx, k)
	var space transfer.Space
	if err == nil {
		space, err = k.space()
	}
	return space, asFault(err, "cannot tell how full %s is", path)
}

// space reads the answer: block size, fragment size, blocks, free, available,
// files, free, available, id, flags, longest name.
func (k *call) space() (transfer.Space, error) {
	f, err := k.result(typeExtendedReply, "numbers")
	if err != nil {
		return transfer.Space{}, err
	}
	var n [11]uint64
	for i := range n {
		n[i] = f.uint64()
	}
	if f.short {
		return transfer.Space{}, errMalformed
	}
	return transfer.Space{
		Total: n[2] * n[1], Free: n[4] * n[1], Files: n[5], FilesFree: n[7], ReadOnly: n[9]&readOnly != 0,
	}, nil
}

package ssh

import (
	"context"
	"path"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

func changeMethods() []kit.Func {
	return []kit.Func{
		act("chmod", "Set the permission bits.", chmod).With(
			`local f = ssh.connect("web1"):sftp()
f:open("run.sh", "w"):close()
f:chmod("run.sh", "0755")
assert(f:stat("run.sh").mode == "0755")`),
		act("chown", "Set owner and group by their numbers.", chown),
		act("utime", "Set the times of a file; now when none are given.", utime),
		act("truncate", "Set the size of a file.", truncate),
		act("rename", "Rename a file or folder. A file in the way is replaced in one step (posix_rename), unless overwrite is false.", rename).With(
			`local f = ssh.connect("web1"):sftp()
f:open("draft", "w"):close()
f:rename("draft", "final")
assert(f:exists("final") and not f:exists("draft"))`),
		act("symlink", "Make a symbolic link.", symlink).With(
			`local f = ssh.connect("web1"):sftp()
f:symlink("releases/7", "current")
assert(f:readlink("current") == "releases/7")`),
		act("mkdir", "Make a folder; one that is there is an error.", mkdir),
		act("makedirs", "Make a folder and those above it; one that is there is fine.", makedirs),
		act("remove", "Remove a file or a link (unlink).", remove),
		act("rmdir", "Remove an empty folder.", rmdir),
		act("remove_tree", "Remove a folder with all that is in it; links are removed, not followed.", removeTree).With(
			`local f = ssh.connect("web1"):sftp()
f:makedirs("old/a/b")
f:remove_tree("old")
assert(not f:exists("old"))`),
	}
}

type chmodArgs struct {
	Path string `lua:"path,arg1" doc:"Path on the host."`
	Mode string `lua:"mode,arg2" doc:"Bits in octal, such as \"0644\"."`
}

func chmod(ctx context.Context, f *sftpClient, a chmodArgs) error {
	mode, err := readMode(a.Mode)
	if err != nil {
		return err
	}
	return f.files.Chmod(ctx, f.path(a.Path), mode)
}

type chownArgs struct {
	Path string `lua:"path,arg1" doc:"Path on the host."`
	UID  int    `lua:"uid" doc:"Number of the owner."`
	GID  int    `lua:"gid" doc:"Number of the group."`
}

func chown(ctx context.Context, f *sftpClient, a chownArgs) error {
	if a.UID < 0 || a.GID < 0 {
		return fault.New(fault.Usage, "uid and gid are numbers from 0 on")
	}
	return f.files.Chown(ctx, f.path(a.Path), a.UID, a.GID)
}

type utimeArgs struct {
	Path     string     `lua:"path,arg1" doc:"Path on the host."`
	Modified *time.Time `lua:"modified" default:"" doc:"Time of the last change in Unix seconds; now."`
	Accessed *time.Time `lua:"accessed" default:"" doc:"Time of the last access in Unix seconds; that of the change."`
}

func utime(ctx context.Context, f *sftpClient, a utimeArgs) error {
	modified := f.session.call.World.Now()
	if a.Modified != nil {
		modified = *a.Modified
	}
	accessed := modified
	if a.Accessed != nil {
		accessed = *a.Accessed
	}
	return f.files.Chtimes(ctx, f.path(a.Path), accessed, modified)
}

type truncateArgs struct {
	Path string   `lua:"path,arg1" doc:"Path on the host."`
	Size kit.Size `lua:"size,arg2" doc:"New size: a longer file is cut, a shorter one is filled with zeros."`
}

func truncate(ctx context.Context, f *sftpClient, a truncateArgs) error {
	return f.files.Truncate(ctx, f.path(a.Path), int64(a.Size))
}

type renameArgs struct {
	From      string `lua:"from,arg1" doc:"Path on the host."`
	To        string `lua:"to,arg2" doc:"New path on the host."`
	Overwrite bool   `lua:"overwrite" default:"true" doc:"Replace a file that is in the way."`
}

func rename(ctx context.Context, f *sftpClient, a renameArgs) error {
	to := f.path(a.To)
	if !a.Overwrite {
		if there, err := exists(ctx, f, pathArgs{a.To}); err != nil || there {
			if err == nil {
				err = fault.New(fault.Exists, "cannot rename to %s: it exists", to)
			}
			return err
		}
	}
	from := f.path(a.From)
	err := f.files.Rename(ctx, from, to)
	if err == nil {
		return nil
	}
	if _, lookErr := f.files.Lstat(ctx, from); fault.KindOf(lookErr) == fault.NotFound {
		return fault.New(fault.NotFound, "cannot rename %s: no such file or directory", from)
	}
	if info, lookErr := f.files.Lstat(ctx, to); lookErr == nil && info.IsDir() {
		return fault.New(fault.Exists, "cannot rename to %s: it is a folder", to).WithHint("write the new name behind it")
	}
	return err
}

type symlinkArgs struct {
	Target string `lua:"target,arg1" doc:"What the link points to; it is stored as it is."`
	Path   string `lua:"path,arg2" doc:"Path of the link on the host."`
}

func symlink(ctx context.Context, f *sftpClient, a symlinkArgs) error {
	full := f.path(a.Path)
	err := f.files.Symlink(ctx, a.Target, full)
	if err != nil {
		if _, lookErr := f.files.Lstat(ctx, full); lookErr == nil {
			return fault.New(fault.Exists, "cannot make the link %s: it exists", full)
		}
	}
	return err
}

type mkdirArgs struct {
	Path string `lua:"path,arg1" doc:"Folder on the host."`
	Mode string `lua:"mode" default:"0755" doc:"Permission bits in octal."`
}

func mkdir(ctx context.Context, f *sftpClient, a mkdirArgs) error {
	mode, err := readMode(a.Mode)
	if err != nil {
		return err
	}
	return f.files.Mkdir(ctx, f.path(a.Path), mode)
}

func makedirs(ctx context.Context, f *sftpClient, a mkdirArgs) error {
	mode, err := readMode(a.Mode)
	if err != nil {
		return err
	}
	whole := path.Clean(f.path(a.Path))
	for i := 1; i <= len(whole); i++ {
		if i < len(whole) && whole[i] != '/' {
			continue
		}
		err := f.files.Mkdir(ctx, whole[:i], mode)
		if info, lookErr := f.files.Stat(ctx, whole[:i]); err != nil && (lookErr != nil || !info.IsDir()) {
			return err
		}
	}
	return nil
}

func remove(ctx context.Context, f *sftpClient, a pathArgs) error {
	return f.removeOne(ctx, a.Path, false)
}

func rmdir(ctx context.Context, f *sftpClient, a pathArgs) error {
	return f.removeOne(ctx, a.Path, true)
}

// removeOne does not let a folder be taken for a file, nor the other way.
func (f *sftpClient) removeOne(ctx context.Context, p string, folder bool) error {
	full := f.path(p)
	info, err := f.files.Lstat(ctx, full)
	switch {
	case err != nil:
		return err
	case folder && !info.IsDir():
		return fault.New(fault.Usage, "%s is not a folder", full).WithHint("remove removes files and links")
	case !folder && info.IsDir():
		return fault.New(fault.Usage, "%s is a folder", full).WithHint("rmdir removes empty folders, remove_tree whole ones")
	}
	return f.files.Remove(ctx, full)
}

func removeTree(ctx context.Context, f *sftpClient, a pathArgs) error {
	full := f.path(a.Path)
	if strings.Trim(path.Clean(full), "/.") == "" {
		return fault.New(fault.Usage, "%q is not removed as a tree", a.Path)
	}
	info, err := f.files.Lstat(ctx, full)
	if err != nil {
		return err
	}
	return f.removeAll(ctx, full, info.IsDir())
}

func (f *sftpClient) removeAll(ctx context.Context, full string, folder bool) error {
	if folder {
		infos, err := f.files.ReadDir(ctx, full, 0)
		if err != nil {
			return err
		}
		for _, info := range infos {
			if err := f.removeAll(ctx, full+"/"+info.Name, info.IsDir()); err != nil {
				return err
			}
		}
	}
	return f.files.Remove(ctx, full)
}

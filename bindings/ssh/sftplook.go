package ssh

import (
	"context"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/transfer"
)

func lookMethods() []kit.Func {
	return []kit.Func{
		ask("list", "List the names in a folder, sorted (listdir).", list).With(
			`local f = ssh.connect("web1"):sftp()
f:mkdir("conf.d")
f:open("conf.d/a.conf", "w"):close()
assert(f:list("conf.d")[1] == "a.conf")`),
		ask("list_attr", "List what is in a folder with its attributes, sorted by name (listdir_attr).", listAttr).With(
			`local f = ssh.connect("web1"):sftp()
for _, a in ipairs(f:list_attr(".")) do print(a.mode, a.size, a.name) end`),
		ask("stat", "Describe what is under a path; links are followed. Nothing there is an error.", stat).With(
			`local f = ssh.connect("web1"):sftp()
assert(f:stat(".").type == "directory")`),
		ask("lstat", "Describe what is under a path, a link itself.", lstat),
		ask("exists", "Tell whether there is something under a path.", exists).With(
			`assert(not ssh.connect("web1"):sftp():exists("no/such/file"))`),
		ask("readlink", "Give what a symbolic link points to.", readlink),
		ask("normalize", "Make a path absolute, without dots and links, as the host sees it.", normalize).With(
			`local f = ssh.connect("web1"):sftp()
assert(f:normalize("."):sub(1, 1) == "/")`),
		ask("statvfs", "Tell how full the file system under a path is.", statvfs),
		ask("getcwd", "Give the current folder, absolute.", getcwd),
		act("chdir", "Make a folder the current one of this object; without one, the home folder.", chdir).With(
			`local f = ssh.connect("web1"):sftp()
f:makedirs("srv/app")
f:chdir("srv/app")
f:open("VERSION", "w"):close()
assert(f:exists("VERSION") and f:getcwd():find("srv/app$"))`),
	}
}

// listing tells what is no folder from what is not there; servers do not.
func (f *sftpClient) listing(ctx context.Context, p string) ([]transfer.Info, error) {
	full := f.path(p)
	infos, err := f.files.ReadDir(ctx, full, 0)
	if err != nil {
		if info, lookErr := f.files.Stat(ctx, full); lookErr == nil && !info.IsDir() {
			return nil, fault.New(fault.Usage, "%s is not a folder", full)
		}
	}
	return infos, err
}

func list(ctx context.Context, f *sftpClient, a folderArgs) ([]string, error) {
	infos, err := f.listing(ctx, a.Path)
	names := make([]string, len(infos))
	for i, info := range infos {
		names[i] = info.Name
	}
	return names, err
}

func listAttr(ctx context.Context, f *sftpClient, a folderArgs) ([]attributes, error) {
	infos, err := f.listing(ctx, a.Path)
	found := make([]attributes, len(infos))
	for i, info := range infos {
		found[i] = attributesOf(info)
	}
	return found, err
}

func stat(ctx context.Context, f *sftpClient, a pathArgs) (attributes, error) {
	i, err := f.files.Stat(ctx, f.path(a.Path))
	return attributesOf(i), err
}

func lstat(ctx context.Context, f *sftpClient, a pathArgs) (attributes, error) {
	i, err := f.files.Lstat(ctx, f.path(a.Path))
	return attributesOf(i), err
}

func exists(ctx context.Context, f *sftpClient, a pathArgs) (bool, error) {
	_, err := f.files.Lstat(ctx, f.path(a.Path))
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

func readlink(ctx context.Context, f *sftpClient, a pathArgs) (string, error) {
	full := f.path(a.Path)
	target, err := f.files.Readlink(ctx, full)
	if err != nil {
		if info, lookErr := f.files.Lstat(ctx, full); lookErr == nil && !info.IsLink() {
			return "", fault.New(fault.Usage, "%s is not a symbolic link", full)
		}
	}
	return target, err
}

func normalize(ctx context.Context, f *sftpClient, a pathArgs) (string, error) {
	return f.files.Realpath(ctx, f.path(a.Path))
}

// space is how full a file system is.
type space struct {
	Total     uint64  `lua:"total" doc:"Bytes in all."`
	Free      uint64  `lua:"free" doc:"Bytes that an ordinary user can still have."`
	Percent   float64 `lua:"percent" doc:"How full it is, 0 to 100."`
	Files     uint64  `lua:"files" doc:"Inodes in all; 0 where there is no limit."`
	FilesFree uint64  `lua:"files_free" doc:"Inodes that are free."`
	ReadOnly  bool    `lua:"read_only" doc:"Whether nothing can be written."`
}

func statvfs(ctx context.Context, f *sftpClient, a folderArgs) (space, error) {
	s, err := f.files.Space(ctx, f.path(a.Path))
	return spaceOf(s), err
}

func spaceOf(s transfer.Space) space {
	found := space{Total: s.Total, Free: s.Free, Files: s.Files, FilesFree: s.FilesFree, ReadOnly: s.ReadOnly}
	if s.Total > 0 {
		found.Percent = 100 * (1 - float64(s.Free)/float64(s.Total))
	}
	return found
}

func getcwd(ctx context.Context, f *sftpClient, _ none) (string, error) {
	return f.files.Realpath(ctx, f.path("."))
}

type chdirArgs struct {
	Path string `lua:"path,arg1" default:"" doc:"Folder on the host; the home folder when absent."`
}

func chdir(ctx context.Context, f *sftpClient, a chdirArgs) error {
	target := f.path(a.Path)
	if a.Path == "" {
		home, err := f.files.Home(ctx)
		if err != nil {
			return err
		}
		target = home
	}
	full, err := f.files.Realpath(ctx, target)
	if err != nil {
		return err
	}
	info, err := f.files.Stat(ctx, full)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fault.New(fault.Usage, "%s is not a folder", full)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cwd = full
	return nil
}

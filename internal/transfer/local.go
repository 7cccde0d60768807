package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gofab/internal/fault"
)

// LocalFS is the machine that gofab runs on, all of it or one folder.
type LocalFS struct {
	home string // for ~
	dir  string // where relative paths begin; "" inside a confined folder
	ops  operations
}

// Local gives this machine's files; home is what ~ means and where relative
// paths begin.
func Local(home string) *LocalFS { return &LocalFS{home: home, dir: home, ops: everywhere{}} }

// In gives the same files with relative paths that begin in dir.
func (l *LocalFS) In(dir string) *LocalFS { return &LocalFS{home: l.home, dir: dir, ops: l.ops} }

// Confine opens one folder with os.Root: paths are relative to it from then
// on, and none leads out.
func (l *LocalFS) Confine(ctx context.Context, dir string) (ConfinedFS, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(l.at(dir))
	if err != nil {
		return nil, fault.OS(err, "cannot open the folder %s", dir)
	}
	return &confined{LocalFS{home: l.home, ops: root}, l, dir, root}, nil
}

// confined has no paths outside its folder; how full that is, the outer file
// system tells.
type confined struct {
	LocalFS
	outer *LocalFS
	dir   string
	root  *os.Root
}

func (c *confined) Close() error { return c.root.Close() }

// Space ignores the path: another file system may be mounted below the folder,
// but asking would have to leave the os.Root.
func (c *confined) Space(ctx context.Context, _ string) (Space, error) {
	return c.outer.Space(ctx, c.dir)
}

// operations is what os and os.Root have in common.
type operations interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	Mkdir(name string, perm fs.FileMode) error
	Rename(from, to string) error
	Remove(name string) error
	Chmod(name string, mode fs.FileMode) error
	Chown(name string, uid, gid int) error
	Chtimes(name string, accessed, modified time.Time) error
	Readlink(name string) (string, error)
	Symlink(target, name string) error
}

// at makes a path of the operating system.
func (l *LocalFS) at(path string) string {
	path = filepath.FromSlash(path)
	if l.dir == "" || filepath.IsAbs(path) {
		return path
	}
	return l.dir + string(filepath.Separator) + path // not cleaned: x/.. is not . when x is a link
}

// do runs one operation that does not block for long.
func (l *LocalFS) do(ctx context.Context, verb, path string, op func(at string) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := op(l.at(path)); err != nil {
		return fault.OS(bare(err), "cannot %s %s", verb, path)
	}
	return nil
}

// bare is the system's own reason without the paths of a link or rename.
func bare(err error) error {
	if link, ok := err.(*os.LinkError); ok {
		return link.Err
	}
	return err
}

// Limits: large blocks, since every one is a system call; two at once, so that
// reading and writing overlap.
func (l *LocalFS) Limits() Limits { return Limits{Block: 256 << 10, InFlight: 2} }

func (l *LocalFS) Home(context.Context) (string, error) { return filepath.ToSlash(l.home), nil }

func (l *LocalFS) Open(ctx context.Context, path string) (File, error) {
	return l.open(ctx, "open", path, os.O_RDONLY|nonBlock)
}

func (l *LocalFS) Create(ctx context.Context, path string) (File, error) {
	return l.open(ctx, "create", path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

// Reopen opens a file that is there, and no link, for writing.
func (l *LocalFS) Reopen(ctx context.Context, path string) (File, error) {
	return l.open(ctx, "open", path, os.O_WRONLY|noFollow)
}

func (l *LocalFS) open(ctx context.Context, verb, path string, flag int) (File, error) {
	var f *os.File
	err := l.do(ctx, verb, path, func(at string) (err error) {
		f, err = l.ops.OpenFile(at, flag, 0o600)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &localFile{f: f, path: path}, nil
}

func (l *LocalFS) Stat(ctx context.Context, path string) (Info, error) {
	return l.info(ctx, path, l.ops.Stat)
}

func (l *LocalFS) Lstat(ctx context.Context, path string) (Info, error) {
	return l.info(ctx, path, l.ops.Lstat)
}

func (l *LocalFS) info(ctx context.Context, path string, stat func(string) (fs.FileInfo, error)) (info Info, err error) {
	err = l.do(ctx, "look at", path, func(at string) error {
		fi, err := stat(at)
		if err == nil {
			info = infoOf(fi)
		}
		return err
	})
	return info, err
}

func (l *LocalFS) ReadDir(ctx context.Context, path string, max int) ([]Info, error) {
	var list []Info
	err := l.do(ctx, "list", path, func(at string) error {
		dir, err := l.ops.OpenFile(at, os.O_RDONLY|nonBlock, 0)
		if err != nil {
			return err
		}
		defer func() { _ = dir.Close() }()
		list, err = readDir(ctx, dir, path, max)
		return err
	})
	return list, err
}

// readDir reads in portions, to notice a limit and the end of ctx early.
func readDir(ctx context.Context, dir *os.File, path string, max int) ([]Info, error) {
	var list []Info
	for {
		portion, err := dir.Readdir(1000)
		for _, fi := range portion {
			list = append(list, infoOf(fi))
		}
		switch {
		case max > 0 && len(list) > max:
			return nil, TooMany(path, max)
		case context.Cause(ctx) != nil:
			return nil, context.Cause(ctx)
		case len(portion) == 0 && err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case len(portion) == 0:
			slices.SortFunc(list, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
			return list, nil
		}
	}
}

// TooMany is the error of a folder or tree with more entries than were allowed.
func TooMany(path string, max int) error {
	return fault.New(fault.Failed, "%s has more than %d entries", path, max).
		WithHint("exclude some, or raise max_entries")
}

package replay

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// view is the file system of a host that a double plays, as one user sees it.
type view struct {
	files *files
	user  string
}

// Close does nothing: the files live as long as the double.
func (v *view) Close() error { return nil }

// do runs one operation with the files to itself.
func (v *view) do(ctx context.Context, op func(f *files) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	v.files.mu.Lock()
	defer v.files.mu.Unlock()
	return op(v.files)
}

// change runs an operation that changes something, unless the record says that
// it could not be done.
func (v *view) change(ctx context.Context, op, name string, apply func(f *files, at string) error) error {
	return v.do(ctx, func(f *files) error {
		if err := f.failed(v.user, op, name); err != nil {
			return err
		}
		return apply(f, f.at(v.user, name))
	})
}

func (v *view) Home(ctx context.Context) (home string, err error) {
	err = v.do(ctx, func(f *files) error { home = f.home(v.user); return nil })
	return home, err
}

func (v *view) Stat(ctx context.Context, name string) (i transfer.Info, err error) {
	err = v.do(ctx, func(f *files) error {
		at := f.at(v.user, name)
		for range 40 {
			n := f.nodes[at]
			if n == nil || n.target == "" {
				break
			}
			at = f.at(v.user, path.Join(path.Dir(at), n.target))
			if path.IsAbs(n.target) {
				at = path.Clean(n.target)
			}
		}
		i, err = v.look(f, opStat, name, at)
		return err
	})
	return i, err
}

func (v *view) Lstat(ctx context.Context, name string) (i transfer.Info, err error) {
	err = v.do(ctx, func(f *files) error {
		i, err = v.look(f, opLstat, name, f.at(v.user, name))
		return err
	})
	return i, err
}

// look tells what is under a path: what the script made, then what the record
// says.
func (v *view) look(f *files, op, name, at string) (transfer.Info, error) {
	if n := f.nodes[at]; n != nil {
		i := n.info
		i.Size = int64(len(n.data))
		return i, nil
	}
	if f.gone[at] {
		return transfer.Info{}, fault.New(fault.NotFound, "%s: no such file or directory", name)
	}
	if l, ok := f.asked(v.user, op, name); ok {
		if l.Error != nil && !f.isMade(at) || l.Info == nil {
			return transfer.Info{}, l.Error.err()
		}
		if l.Error == nil {
			return l.Info.info(), nil
		}
	}
	if f.isFolder(at) {
		return info(at, fs.ModeDir|0o755), nil
	}
	return transfer.Info{}, f.nothing(op, name)
}

// isMade tells folders in which the script has put something.
func (f *files) isMade(at string) bool {
	prefix := at + "/"
	for name := range f.nodes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (v *view) ReadDir(ctx context.Context, name string, max int) (list []transfer.Info, err error) {
	err = v.do(ctx, func(f *files) error {
		at := f.at(v.user, name)
		byName := map[string]transfer.Info{}
		l, known := f.asked(v.user, opReadDir, name)
		if known && l.Error != nil && !f.isMade(at) {
			return l.Error.err()
		}
		if n := f.nodes[at]; !known && !f.isFolder(at) && (n == nil || !n.info.IsDir()) {
			return f.nothing(opReadDir, name)
		}
		for _, i := range l.List {
			if !f.gone[path.Join(at, i.Name)] {
				byName[i.Name] = i.info()
			}
		}
		for child, n := range f.children(at) {
			i := n.info
			i.Name, i.Size = child, int64(len(n.data))
			byName[child] = i
		}
		for _, child := range slices.Sorted(maps.Keys(byName)) {
			list = append(list, byName[child])
		}
		if max > 0 && len(list) > max {
			return transfer.TooMany(name, max)
		}
		return nil
	})
	return list, err
}

func (v *view) Readlink(ctx context.Context, name string) (target string, err error) {
	err = v.do(ctx, func(f *files) error {
		if n := f.nodes[f.at(v.user, name)]; n != nil && n.target != "" {
			target = n.target
			return nil
		}
		l, ok := f.asked(v.user, opReadlink, name)
		if !ok {
			return f.nothing(opReadlink, name)
		}
		target = l.Text
		return l.Error.err()
	})
	return target, err
}

func (v *view) Open(ctx context.Context, name string) (file transfer.File, err error) {
	err = v.do(ctx, func(f *files) error {
		at := f.at(v.user, name)
		if n := f.nodes[at]; n != nil {
			if n.target != "" {
				return f.nothing(opOpen, name)
			}
			file = &handle{files: f, node: n}
			return nil
		}
		l, ok := f.asked(v.user, opOpen, name)
		switch {
		case f.gone[at]:
			return fault.New(fault.NotFound, "%s: no such file or directory", name)
		case !ok:
			return f.nothing(opOpen, name)
		case l.Error != nil:
			return l.Error.err()
		}
		file = recordedHandle(f, name, l)
		return nil
	})
	return file, err
}

// recordedHandle opens a file of the record.
func recordedHandle(f *files, name string, l File) *handle {
	n := &node{info: info(name, 0o644)}
	if l.Info != nil {
		n.info = l.Info.info()
	}
	if l.Content != nil {
		n.data = *l.Content
	}
	return &handle{files: f, node: n, cut: l.Cut}
}

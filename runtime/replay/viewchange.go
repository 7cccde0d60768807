package replay

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

func (v *view) Create(ctx context.Context, name string) (file transfer.File, err error) {
	err = v.change(ctx, opCreate, name, func(f *files, at string) error {
		if f.nodes[at] != nil {
			return fault.New(fault.Exists, "%s: file exists", name)
		}
		n := &node{info: info(name, 0o600)}
		f.put(at, n)
		file = &handle{files: f, node: n}
		return nil
	})
	return file, err
}

func (f *files) put(at string, n *node) {
	n.info.Name = path.Base(at)
	f.nodes[at] = n
	delete(f.gone, at)
}

func (v *view) Mkdir(ctx context.Context, name string, mode fs.FileMode) error {
	return v.change(ctx, opMkdir, name, func(f *files, at string) error {
		if f.nodes[at] != nil {
			return fault.New(fault.Exists, "%s: file exists", name)
		}
		f.put(at, &node{info: info(name, fs.ModeDir|mode.Perm())})
		return nil
	})
}

// Rename moves what the script made; of a file of the record it takes the
// content, where the record has it.
func (v *view) Rename(ctx context.Context, from, to string) error {
	return v.change(ctx, opRename, to, func(f *files, at string) error {
		old := f.at(v.user, from)
		n := f.nodes[old]
		if n == nil {
			l, _ := f.asked(v.user, opOpen, from)
			n = recordedHandle(f, from, l).node
		}
		for name, inner := range maps.Clone(f.nodes) {
			if rest, inside := strings.CutPrefix(name, old+"/"); inside {
				delete(f.nodes, name)
				f.nodes[at+"/"+rest] = inner
			}
		}
		delete(f.nodes, old)
		f.gone[old] = true
		f.put(at, n)
		return nil
	})
}

func (v *view) Remove(ctx context.Context, name string) error {
	return v.change(ctx, opRemove, name, func(f *files, at string) error {
		if f.isMade(at) {
			return fault.New(fault.Exists, "%s: directory not empty", name)
		}
		if n := f.nodes[at]; n != nil {
			f.size -= int64(len(n.data))
		}
		delete(f.nodes, at)
		f.gone[at] = true
		return nil
	})
}

func (v *view) Chmod(ctx context.Context, name string, mode fs.FileMode) error {
	return v.change(ctx, opChmod, name, func(f *files, at string) error {
		if n := f.nodes[at]; n != nil {
			n.info.Mode = n.info.Mode&^fs.ModePerm | mode.Perm()
		}
		return nil
	})
}

func (v *view) Chown(ctx context.Context, name string, uid, gid int) error {
	return v.change(ctx, opChown, name, func(f *files, at string) error {
		if n := f.nodes[at]; n != nil {
			n.info.UID, n.info.GID = uid, gid
		}
		return nil
	})
}

func (v *view) Chtimes(ctx context.Context, name string, accessed, modified time.Time) error {
	return v.change(ctx, opChtimes, name, func(f *files, at string) error {
		if n := f.nodes[at]; n != nil {
			n.info.Accessed, n.info.Modified = accessed, modified
		}
		return nil
	})
}

func (v *view) Symlink(ctx context.Context, target, name string) error {
	return v.change(ctx, opSymlink, name, func(f *files, at string) error {
		if f.nodes[at] != nil {
			return fault.New(fault.Exists, "%s: file exists", name)
		}
		f.put(at, &node{info: info(name, fs.ModeSymlink|0o777), target: target})
		return nil
	})
}

// Limits: everything is in memory.
func (v *view) Limits() transfer.Limits { return transfer.Limits{Block: 256 << 10, InFlight: 1} }

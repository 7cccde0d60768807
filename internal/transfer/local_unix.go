//go:build unix

package transfer

import (
	"context"
	"io/fs"
	"syscall"
)

// nonBlock keeps an open of a named pipe from waiting for its other end
// (open(2)); it does not change how a plain file is read.
const nonBlock = syscall.O_NONBLOCK

// noFollow keeps an open from going through a link (open(2)).
const noFollow = syscall.O_NOFOLLOW

// Space asks statfs(2).
func (l *LocalFS) Space(ctx context.Context, path string) (space Space, err error) {
	err = l.do(ctx, "look at", path, func(at string) error {
		var st syscall.Statfs_t
		if err := syscall.Statfs(at, &st); err != nil {
			return err
		}
		block := uint64(st.Bsize)
		space = Space{
			Total: uint64(st.Blocks) * block, Free: uint64(st.Bavail) * block,
			Files: uint64(st.Files), FilesFree: uint64(st.Ffree),
			ReadOnly: st.Flags&1 != 0, // ST_RDONLY, MNT_RDONLY
		}
		return nil
	})
	return space, err
}

func infoOf(fi fs.FileInfo) Info {
	info := Info{
		Name: fi.Name(), Size: fi.Size(), Mode: fi.Mode(),
		Modified: fi.ModTime(), Accessed: fi.ModTime(), UID: -1, GID: -1,
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		info.UID, info.GID = int(st.Uid), int(st.Gid)
	}
	return info
}

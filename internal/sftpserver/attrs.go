package sftpserver

import "golang.org/x/sys/unix"

// Which attributes are there, section 5 of the draft.
const (
	hasSize     = 1
	hasOwner    = 2
	hasMode     = 4
	hasTimes    = 8
	hasExtended = 0x80000000
)

const modeBits = 0o7777 // permissions, set-id and sticky

// attrs are the attributes of a file as they travel.
type attrs struct {
	flags        uint32
	size         uint64
	uid, gid     uint32
	mode         uint32
	atime, mtime uint32
}

func (r *request) attrs() (a attrs) {
	a.flags = r.uint32()
	if a.flags&hasSize != 0 {
		a.size = r.uint64()
	}
	if a.flags&hasOwner != 0 {
		a.uid, a.gid = r.uint32(), r.uint32()
	}
	if a.flags&hasMode != 0 {
		a.mode = r.uint32()
	}
	if a.flags&hasTimes != 0 {
		a.atime, a.mtime = r.uint32(), r.uint32()
	}
	if a.flags&hasExtended != 0 {
		for count := r.uint32(); count > 0 && !r.short; count-- {
			r.bytes()
			r.bytes()
		}
	}
	return a
}

// perm is the mode for something new.
func (a attrs) perm(otherwise uint32) uint32 {
	if a.flags&hasMode != 0 {
		return a.mode & modeBits
	}
	return otherwise
}

func (s *server) attrs(st *unix.Stat_t) {
	s.uint32(hasSize | hasOwner | hasMode | hasTimes)
	s.uint64(uint64(st.Size))
	s.uint32(st.Uid)
	s.uint32(st.Gid)
	s.uint32(uint32(st.Mode))
	s.uint32(uint32(st.Atim.Sec))
	s.uint32(uint32(st.Mtim.Sec))
}

// setters change one file, whether named by a path or open.
type setters struct {
	size  func(int64) error
	mode  func(uint32) error
	times func([]unix.Timeval) error
	owner func(uid, gid int) error
}

func onPath(path string) setters {
	return setters{
		size:  func(n int64) error { return unix.Truncate(path, n) },
		mode:  func(mode uint32) error { return unix.Chmod(path, mode) },
		times: func(tv []unix.Timeval) error { return unix.Utimes(path, tv) },
		owner: func(uid, gid int) error { return unix.Chown(path, uid, gid) },
	}
}

// onLink changes a symbolic link itself.
func onLink(path string) setters {
	at := unix.AT_SYMLINK_NOFOLLOW
	return setters{
		size: func(int64) error { return unix.EINVAL },
		mode: func(mode uint32) error { return unix.Fchmodat(unix.AT_FDCWD, path, mode, at) },
		times: func(tv []unix.Timeval) error {
			ts := []unix.Timespec{unix.NsecToTimespec(tv[0].Nano()), unix.NsecToTimespec(tv[1].Nano())}
			return unix.UtimesNanoAt(unix.AT_FDCWD, path, ts, at)
		},
		owner: func(uid, gid int) error { return unix.Lchown(path, uid, gid) },
	}
}

func onFile(fd int) setters {
	return setters{
		size:  func(n int64) error { return unix.Ftruncate(fd, n) },
		mode:  func(mode uint32) error { return unix.Fchmod(fd, mode) },
		times: func(tv []unix.Timeval) error { return unix.Futimes(fd, tv) },
		owner: func(uid, gid int) error { return unix.Fchown(fd, uid, gid) },
	}
}

// apply sets all that a names, going on after a failure as OpenSSH does, and
// gives the last failure.
func (a attrs) apply(to setters) (failure error) {
	note := func(err error) {
		if err != nil {
			failure = err
		}
	}
	if a.flags&hasSize != 0 {
		note(to.size(int64(a.size)))
	}
	if a.flags&hasMode != 0 {
		note(to.mode(a.mode & modeBits))
	}
	if a.flags&hasTimes != 0 {
		note(to.times([]unix.Timeval{unix.NsecToTimeval(int64(a.atime) * 1e9), unix.NsecToTimeval(int64(a.mtime) * 1e9)}))
	}
	if a.flags&hasOwner != 0 {
		note(to.owner(int(a.uid), int(a.gid)))
	}
	return failure
}

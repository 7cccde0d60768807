package sftpserver

import (
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// listChunk is how many names one answer carries.
const listChunk = 100

func (s *server) opendir(req *request) {
	path := s.path(req.string())
	if req.short {
		s.fail(req, errShort)
		return
	}
	fd, err := retry(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0) })
	if err != nil {
		s.fail(req, err)
		return
	}
	s.keep(req, &handle{file: os.NewFile(uintptr(fd), path), fd: fd, dir: true})
}

func (s *server) readdir(req *request) {
	_, h, err := s.handle(req)
	if err == nil && !h.dir {
		err = errHandle
	}
	var names []string
	if err == nil {
		names, err = h.file.Readdirnames(listChunk)
	}
	if err != nil {
		s.fail(req, err)
		return
	}
	s.list(req, h.file.Name(), names)
}

// list answers with names and their attributes. A name that vanished since it
// was read is left out.
func (s *server) list(req *request, dir string, names []string) {
	s.begin(typeName)
	s.uint32(req.id)
	s.uint32(0)
	count := uint32(0)
	for _, name := range names {
		var st unix.Stat_t
		if unix.Lstat(dir+"/"+name, &st) != nil {
			continue
		}
		s.string(name)
		s.string(longName(name, &st))
		s.attrs(&st)
		count++
	}
	s.end()
	copy(s.out[9:13], []byte{byte(count >> 24), byte(count >> 16), byte(count >> 8), byte(count)})
}

// longName is a line of `ls -ln`: clients print it as it is.
func longName(name string, st *unix.Stat_t) string {
	mode := fs.FileMode(st.Mode & 0o777)
	kind := "?"
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFREG:
		kind = "-"
	case unix.S_IFDIR:
		kind = "d"
	case unix.S_IFLNK:
		kind = "l"
	case unix.S_IFIFO:
		kind = "p"
	case unix.S_IFSOCK:
		kind = "s"
	case unix.S_IFBLK:
		kind = "b"
	case unix.S_IFCHR:
		kind = "c"
	}
	changed := time.Unix(int64(st.Mtim.Sec), 0).Format("Jan _2 15:04 2006")
	return fmt.Sprintf("%s%s %4d %-8d %-8d %8d %s %s", kind, mode.String()[1:], st.Nlink, st.Uid, st.Gid, st.Size, changed, name)
}

func (s *server) remove(req *request) { s.fail(req, unix.Unlink(s.path(req.string()))) }
func (s *server) rmdir(req *request)  { s.fail(req, unix.Rmdir(s.path(req.string()))) }

func (s *server) mkdir(req *request) {
	path, a := s.path(req.string()), req.attrs()
	if req.short {
		s.fail(req, errShort)
		return
	}
	s.fail(req, unix.Mkdir(path, a.perm(0o777)))
}

// rename never overwrites: a link for a file, a look first for the rest, which
// is what OpenSSH does.
func (s *server) rename(req *request) {
	from, to := s.path(req.string()), s.path(req.string())
	var old, there unix.Stat_t
	err := unix.Lstat(from, &old)
	switch {
	case err != nil || req.short:
	case uint32(old.Mode)&unix.S_IFMT == unix.S_IFREG:
		if err = unix.Link(from, to); err == nil {
			err = unix.Unlink(from)
		}
	case unix.Stat(to, &there) == nil:
		err = unix.EEXIST
	default:
		err = unix.Rename(from, to)
	}
	s.fail(req, err)
}

func (s *server) readlink(req *request) {
	target, err := os.Readlink(s.path(req.string()))
	s.oneName(req, target, err)
}

// symlink takes the target first, as all clients send it, though the draft has
// it the other way round (OpenSSH's PROTOCOL file, section 4.1).
func (s *server) symlink(req *request) {
	target, link := req.string(), s.path(req.string())
	if req.short {
		s.fail(req, errShort)
		return
	}
	s.fail(req, unix.Symlink(target, link))
}

// realpath resolves a path whose last part need not exist.
func (s *server) realpath(req *request) {
	name := req.string()
	if name == "" {
		name = "."
	}
	real, err := resolve(s.path(name))
	s.oneName(req, real, err)
}

func (s *server) oneName(req *request, name string, err error) {
	if err != nil || req.short {
		s.fail(req, err)
		return
	}
	s.begin(typeName)
	s.uint32(req.id)
	s.uint32(1)
	s.string(name)
	s.string(name)
	s.uint32(0) // no attributes
	s.end()
}

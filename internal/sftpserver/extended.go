package sftpserver

import "golang.org/x/sys/unix"

// extensions of OpenSSH's PROTOCOL file, section 4, as they are announced.
var extensions = []struct {
	name, version string
	handle        func(*server, *request)
}{
	{"posix-rename@openssh.com", "1", (*server).posixRename},
	{"statvfs@openssh.com", "2", (*server).statvfs},
	{"fstatvfs@openssh.com", "2", (*server).fstatvfs},
	{"hardlink@openssh.com", "1", (*server).hardlink},
	{"fsync@openssh.com", "1", (*server).fsync},
	{"lsetstat@openssh.com", "1", (*server).lsetstat},
	{"limits@openssh.com", "1", (*server).limits},
}

func (s *server) extended(req *request) {
	name := req.string()
	for _, e := range extensions {
		if e.name == name {
			e.handle(s, req)
			return
		}
	}
	s.status(req.id, statusUnsupported, "unknown extension")
}

func (s *server) posixRename(req *request) {
	from, to := s.path(req.string()), s.path(req.string())
	s.fail(req, unix.Rename(from, to))
}

func (s *server) hardlink(req *request) {
	from, to := s.path(req.string()), s.path(req.string())
	s.fail(req, unix.Link(from, to))
}

func (s *server) fsync(req *request) {
	_, h, err := s.handle(req)
	if err != nil || h.dir {
		s.fail(req, unix.EBADF)
		return
	}
	s.fail(req, h.file.Sync())
}

func (s *server) lsetstat(req *request) {
	path, a := s.path(req.string()), req.attrs()
	if req.short {
		s.fail(req, errShort)
		return
	}
	s.fail(req, a.apply(onLink(path)))
}

// limits tells the largest packet, read and write, and how many handles.
func (s *server) limits(req *request) {
	s.begin(typeExtendedReply)
	s.uint32(req.id)
	for _, n := range []uint64{maxPacket, maxData, maxData, maxHandles} {
		s.uint64(n)
	}
	s.end()
}

func (s *server) statvfs(req *request) {
	var st unix.Statfs_t
	s.fileSystem(req, unix.Statfs(s.path(req.string()), &st), &st)
}

func (s *server) fstatvfs(req *request) {
	var st unix.Statfs_t
	_, h, err := s.handle(req)
	if err == nil {
		err = unix.Fstatfs(h.fd, &st)
	}
	s.fileSystem(req, err, &st)
}

func (s *server) fileSystem(req *request, err error, st *unix.Statfs_t) {
	if err != nil || req.short {
		s.fail(req, err)
		return
	}
	fragment, nameMax := fragmentAndNameMax(st)
	s.begin(typeExtendedReply)
	s.uint32(req.id)
	for _, n := range []uint64{
		uint64(st.Bsize), fragment, st.Blocks, st.Bfree, st.Bavail, st.Files, st.Ffree, st.Ffree,
		0, 0, nameMax, // neither the file system's id nor its flags mean anything to a client here
	} {
		s.uint64(n)
	}
	s.end()
}

package sftpserver

import (
	"encoding/binary"
	"io"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// Flags of an open request, section 6.3.
const (
	openRead     = 1
	openWrite    = 2
	openAppend   = 4
	openCreate   = 8
	openTruncate = 16
	openExcl     = 32
)

// openFlags translates the flags of an open request for open(2). O_NONBLOCK
// keeps a named pipe from blocking; a plain file does not notice.
func openFlags(p uint32) int {
	flags := unix.O_NONBLOCK | unix.O_CLOEXEC
	switch p & (openRead | openWrite) {
	case openRead | openWrite:
		flags |= unix.O_RDWR
	case openWrite:
		flags |= unix.O_WRONLY
	}
	for _, f := range []struct{ wire, system int }{
		{openAppend, unix.O_APPEND}, {openCreate, unix.O_CREAT}, {openTruncate, unix.O_TRUNC}, {openExcl, unix.O_EXCL},
	} {
		if p&uint32(f.wire) != 0 {
			flags |= f.system
		}
	}
	return flags
}

func (s *server) open(req *request) {
	name, flags, a := req.string(), req.uint32(), req.attrs()
	if req.short {
		s.fail(req, errShort)
		return
	}
	fd, err := retry(func() (int, error) { return unix.Open(s.path(name), openFlags(flags), a.perm(0o666)) })
	if err != nil {
		s.fail(req, err)
		return
	}
	s.keep(req, &handle{file: os.NewFile(uintptr(fd), name), fd: fd, append: flags&openAppend != 0})
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}

func (s *server) close(req *request) {
	id, h, err := s.handle(req)
	if err != nil {
		s.fail(req, unix.EBADF) // the one answer about a bad handle that OpenSSH gives here
		return
	}
	delete(s.handles, id)
	s.fail(req, h.file.Close())
}

func (s *server) read(req *request) {
	_, h, err := s.handle(req)
	offset, length := req.uint64(), min(req.uint32(), maxData)
	if err == nil && (h.dir || offset > math.MaxInt64) {
		err = errHandle
	}
	if err != nil || req.short {
		s.fail(req, err)
		return
	}
	s.begin(typeData)
	s.uint32(req.id)
	s.uint32(length)
	start := len(s.out)
	s.out = append(s.out, make([]byte, length)...)
	n, err := h.file.ReadAt(s.out[start:], int64(offset))
	switch {
	case err != nil && err != io.EOF:
		s.fail(req, err)
	case n == 0:
		s.fail(req, io.EOF)
	default:
		s.out = s.out[:start+n]
		binary.BigEndian.PutUint32(s.out[start-4:], uint32(n))
		s.end()
	}
}

func (s *server) write(req *request) {
	_, h, err := s.handle(req)
	offset, data := req.uint64(), req.bytes()
	if err == nil && (h.dir || offset > math.MaxInt64) {
		err = errHandle
	}
	if err != nil || req.short {
		s.fail(req, err)
		return
	}
	if h.append { // the place is the end, whatever the client says
		_, err = retry(func() (int, error) { return unix.Write(h.fd, data) })
	} else {
		_, err = h.file.WriteAt(data, int64(offset))
	}
	s.fail(req, err)
}

func (s *server) stat(req *request) {
	var st unix.Stat_t
	s.attributes(req, unix.Stat(s.path(req.string()), &st), &st)
}

func (s *server) lstat(req *request) {
	var st unix.Stat_t
	s.attributes(req, unix.Lstat(s.path(req.string()), &st), &st)
}

func (s *server) fstat(req *request) {
	var st unix.Stat_t
	_, h, err := s.handle(req)
	if err == nil {
		err = unix.Fstat(h.fd, &st)
	}
	s.attributes(req, err, &st)
}

func (s *server) attributes(req *request, err error, st *unix.Stat_t) {
	if err != nil || req.short {
		s.fail(req, err)
		return
	}
	s.begin(typeAttrs)
	s.uint32(req.id)
	s.attrs(st)
	s.end()
}

func (s *server) setstat(req *request) {
	path, a := s.path(req.string()), req.attrs()
	if req.short {
		s.fail(req, errShort)
		return
	}
	s.fail(req, a.apply(onPath(path)))
}

func (s *server) fsetstat(req *request) {
	_, h, err := s.handle(req)
	a := req.attrs()
	if err == nil && !req.short {
		err = a.apply(onFile(h.fd))
	}
	s.fail(req, err)
}

package sftpserver

import (
	"encoding/binary"
	"errors"
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// Types of packets, section 3 of the draft.
const (
	typeInit          = 1
	typeVersion       = 2
	typeOpen          = 3
	typeClose         = 4
	typeRead          = 5
	typeWrite         = 6
	typeLstat         = 7
	typeFstat         = 8
	typeSetstat       = 9
	typeFsetstat      = 10
	typeOpendir       = 11
	typeReaddir       = 12
	typeRemove        = 13
	typeMkdir         = 14
	typeRmdir         = 15
	typeRealpath      = 16
	typeStat          = 17
	typeRename        = 18
	typeReadlink      = 19
	typeSymlink       = 20
	typeStatus        = 101
	typeHandle        = 102
	typeData          = 103
	typeName          = 104
	typeAttrs         = 105
	typeExtended      = 200
	typeExtendedReply = 201
)

// Status codes, section 7.
const (
	statusOK          = 0
	statusEOF         = 1
	statusNoSuchFile  = 2
	statusDenied      = 3
	statusFailure     = 4
	statusBadMessage  = 5
	statusUnsupported = 8
)

var (
	errTooLong = errors.New("sftp: packet of impossible length")
	errHandle  = errors.New("invalid handle")
	errShort   = errors.New("malformed request")
)

// request is one packet from the client, read field by field. After a field
// that is not there all others are zero and short is set.
type request struct {
	id    uint32
	body  []byte
	short bool
}

func (r *request) take(n int) []byte {
	if n > len(r.body) {
		r.short, r.body = true, nil
		return make([]byte, min(n, 8)) // enough for every number
	}
	field := r.body[:n]
	r.body = r.body[n:]
	return field
}

func (r *request) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *request) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

func (r *request) bytes() []byte {
	n := r.uint32()
	if int64(n) > int64(len(r.body)) {
		r.short, r.body = true, nil
		return nil
	}
	return r.take(int(n))
}

func (r *request) string() string { return string(r.bytes()) }

// begin, end and what is between them build an answer.
func (s *server) begin(kind byte) { s.out = append(s.out[:0], 0, 0, 0, 0, kind) }
func (s *server) uint32(n uint32) { s.out = binary.BigEndian.AppendUint32(s.out, n) }
func (s *server) uint64(n uint64) { s.out = binary.BigEndian.AppendUint64(s.out, n) }
func (s *server) string(t string) { s.uint32(uint32(len(t))); s.out = append(s.out, t...) }
func (s *server) end()            { binary.BigEndian.PutUint32(s.out, uint32(len(s.out)-4)) }

func (s *server) status(id, code uint32, message string) {
	s.begin(typeStatus)
	s.uint32(id)
	s.uint32(code)
	s.string(message)
	s.string("en")
	s.end()
}

// fail answers with what an error means, or with success when it is nil.
func (s *server) fail(req *request, err error) {
	if req.short {
		err = errShort
	}
	if err == nil {
		s.status(req.id, statusOK, "success")
		return
	}
	var number syscall.Errno
	if errors.As(err, &number) {
		s.status(req.id, errnoStatus(number), number.Error())
		return
	}
	switch {
	case errors.Is(err, io.EOF):
		s.status(req.id, statusEOF, "end of file")
	case errors.Is(err, errShort):
		s.status(req.id, statusBadMessage, err.Error())
	default:
		s.status(req.id, statusFailure, err.Error())
	}
}

// errnoStatus sorts the system's errors as OpenSSH does.
func errnoStatus(number syscall.Errno) uint32 {
	switch number {
	case unix.ENOENT, unix.ENOTDIR, unix.EBADF, unix.ELOOP:
		return statusNoSuchFile
	case unix.EPERM, unix.EACCES, unix.EFAULT:
		return statusDenied
	case unix.ENAMETOOLONG, unix.EINVAL:
		return statusBadMessage
	case unix.ENOSYS:
		return statusUnsupported
	default:
		return statusFailure
	}
}

// Package sftpserver answers SFTP requests on the real file system, as
// OpenSSH's sftp-server(8) does: the sftp subsystem of internal/sshserver.
//
// It exists because the SFTP server of github.com/pkg/sftp knows no
// fsync@openssh.com, makes relative symbolic links absolute, ignores the mode
// of a new directory and lets a plain rename overwrite: an upload that works
// here has to work on a real host.
//
// Rules: one request at a time, answered in order, in the caller's goroutine;
// there is nothing to stop but the stream. Every failure is a status, never a
// silent success. Relative paths begin at the home directory, and that is all:
// it is not isolation. Nothing blocks: a pipe or device is opened without
// waiting for its other end.
//
// Protocol: version 3, draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL
// file, section 4, for the extensions.
package sftpserver

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	version    = 3
	maxPacket  = 256 << 10
	maxData    = maxPacket - 1024 // of one read or write
	maxHandles = 512
	bufferSize = 32 << 10 // small: a thousand hosts may have a session each
)

// server is one SFTP session.
type server struct {
	home    string
	handles map[uint32]*handle
	next    uint32
	out     []byte // the answer that is being built
}

// handle is an open file or directory.
type handle struct {
	file   *os.File
	fd     int // of file: File.Fd would make it a blocking one
	dir    bool
	append bool
}

// Serve answers the requests that come in on rw until it ends. home is where
// relative paths begin. It returns nil at a regular end of the stream.
func Serve(rw io.ReadWriter, home string) error {
	s := &server{home: home, handles: map[uint32]*handle{}}
	defer s.closeAll()
	in, out := bufio.NewReaderSize(rw, bufferSize), bufio.NewWriterSize(rw, bufferSize)
	var packet []byte
	for {
		kind, body, err := readPacket(in, &packet)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.answer(kind, body)
		if _, err := out.Write(s.out); err != nil {
			return err
		}
		if in.Buffered() == 0 { // the client waits, or may
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// readPacket reads one packet into a buffer that it makes larger if need be;
// io.EOF means that there is none.
func readPacket(in io.Reader, buffer *[]byte) (kind byte, body []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length == 0 || length > maxPacket {
		return 0, nil, errTooLong
	}
	*buffer = slices.Grow((*buffer)[:0], int(length))
	packet := (*buffer)[:length]
	if _, err := io.ReadFull(in, packet); err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return packet[0], packet[1:], nil
}

// answer builds the answer to one request in s.out.
func (s *server) answer(kind byte, body []byte) {
	if kind == typeInit {
		s.hello()
		return
	}
	req := &request{body: body}
	req.id = req.uint32()
	handler, known := handlers[kind]
	switch {
	case req.short:
		s.status(0, statusBadMessage, "malformed request")
	case !known:
		s.status(req.id, statusUnsupported, "unknown request")
	default:
		handler(s, req)
	}
}

func (s *server) hello() {
	s.begin(typeVersion)
	s.uint32(version)
	for _, e := range extensions {
		s.string(e.name)
		s.string(e.version)
	}
	s.end()
}

// handlers are the requests of section 6 of the draft.
var handlers map[byte]func(*server, *request)

func init() { // the table and the extended request refer to each other
	handlers = map[byte]func(*server, *request){
		typeOpen: (*server).open, typeClose: (*server).close, typeRead: (*server).read, typeWrite: (*server).write,
		typeLstat: (*server).lstat, typeStat: (*server).stat, typeFstat: (*server).fstat,
		typeSetstat: (*server).setstat, typeFsetstat: (*server).fsetstat,
		typeOpendir: (*server).opendir, typeReaddir: (*server).readdir,
		typeRemove: (*server).remove, typeMkdir: (*server).mkdir, typeRmdir: (*server).rmdir,
		typeRealpath: (*server).realpath, typeRename: (*server).rename,
		typeReadlink: (*server).readlink, typeSymlink: (*server).symlink, typeExtended: (*server).extended,
	}
}

// path places a relative path under the home directory. It is not cleaned:
// "link/.." means what the system says. An empty path names nothing.
func (s *server) path(name string) string {
	if name == "" || strings.HasPrefix(name, "/") {
		return name
	}
	return s.home + "/" + name
}

func (s *server) handle(req *request) (id uint32, h *handle, err error) {
	text := req.bytes()
	if len(text) != 4 {
		return 0, nil, errHandle
	}
	id = binary.BigEndian.Uint32(text)
	if h = s.handles[id]; h == nil {
		return 0, nil, errHandle
	}
	return id, h, nil
}

// keep gives an open file a handle.
func (s *server) keep(req *request, h *handle) {
	if len(s.handles) >= maxHandles {
		_ = h.file.Close()
		s.fail(req, unix.EMFILE)
		return
	}
	id := s.next
	s.next++
	s.handles[id] = h
	s.begin(typeHandle)
	s.uint32(req.id)
	s.string(string(binary.BigEndian.AppendUint32(nil, id)))
	s.end()
}

func (s *server) closeAll() {
	for _, h := range s.handles {
		_ = h.file.Close()
	}
}

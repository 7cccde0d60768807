package testenv

import (
	"encoding/binary"
	"io"
	"slices"
)

// SFTPBehaviour is the script of a hostile SFTP server. It holds one endless
// supply of nothing: every path is there, every file is Size bytes of "x".
type SFTPBehaviour struct {
	Stall       byte     // never answer this type of request, such as SFTPRead
	OKFor       []byte   // answer these types with status OK, though a handle, attributes, names or data are due
	Fail        []byte   // answer these types with status failure
	FailText    string   // the message of that failure
	ShortRead   int      // at most so many bytes per answer to a read; 0: all that was asked for
	Size        uint64   // of every file
	Mode        uint32   // of every file, type bits included; a regular 0644 file when 0
	Names       []string // what every directory holds
	EndlessList bool     // the same names again and again
	WrongID     bool     // answers carry the number of another request
	HugeLength  bool     // answers announce a length of 4 GiB
	HangUpAt    int      // close the channel instead of the n-th answer, INIT being the first; 0: never
}

// The types of requests and answers of SFTP version 3
// (draft-ietf-secsh-filexfer-02, section 3).
const (
	SFTPInit     = 1
	SFTPVersion  = 2
	SFTPOpen     = 3
	SFTPClose    = 4
	SFTPRead     = 5
	SFTPWrite    = 6
	SFTPLstat    = 7
	SFTPFstat    = 8
	SFTPSetstat  = 9
	SFTPFsetstat = 10
	SFTPOpendir  = 11
	SFTPReaddir  = 12
	SFTPRemove   = 13
	SFTPMkdir    = 14
	SFTPRmdir    = 15
	SFTPRealpath = 16
	SFTPStat     = 17
	SFTPRename   = 18
	SFTPReadlink = 19
	SFTPSymlink  = 20
	SFTPStatus   = 101
	SFTPHandle   = 102
	SFTPData     = 103
	SFTPName     = 104
	SFTPAttrs    = 105
	SFTPExtended = 200
)

// Status codes of section 7 of the draft.
const (
	statusOK      = 0
	statusEOF     = 1
	statusFailure = 4
)

func (b *SFTPBehaviour) serve(channel io.ReadWriteCloser) {
	defer channel.Close()
	listed := false
	for answers := 1; ; answers++ {
		kind, body, err := readSFTP(channel)
		if err != nil || answers == b.HangUpAt {
			return
		}
		if kind == b.Stall {
			continue
		}
		answer := b.answer(kind, body, &listed)
		if b.HugeLength {
			binary.BigEndian.PutUint32(answer, 0xffffffff)
		}
		if _, err := channel.Write(answer); err != nil {
			return
		}
	}
}

// readSFTP reads one packet: its type and what follows.
func readSFTP(r io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length == 0 || length > 1<<20 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	body = make([]byte, length-1)
	_, err = io.ReadFull(r, body)
	return head[4], body, err
}

func (b *SFTPBehaviour) answer(kind byte, body []byte, listed *bool) []byte {
	if kind == SFTPInit {
		return packet(SFTPVersion, word(3))
	}
	if len(body) < 4 {
		return status(0, statusFailure, "short packet")
	}
	id := binary.BigEndian.Uint32(body)
	if b.WrongID {
		id += 1000
	}
	switch {
	case slices.Contains(b.OKFor, kind):
		return status(id, statusOK, "")
	case slices.Contains(b.Fail, kind):
		return status(id, statusFailure, b.FailText)
	}
	switch kind {
	case SFTPOpen, SFTPOpendir:
		*listed = false
		return packet(SFTPHandle, word(id), text("h"))
	case SFTPRead:
		return b.read(id, body)
	case SFTPReaddir:
		if *listed && !b.EndlessList {
			return status(id, statusEOF, "")
		}
		*listed = true
		return b.names(id, b.Names)
	case SFTPRealpath, SFTPReadlink:
		return b.names(id, []string{"/home/user"})
	case SFTPStat, SFTPLstat, SFTPFstat:
		return packet(SFTPAttrs, word(id), b.attributes())
	default:
		return status(id, statusOK, "")
	}
}

// read answers a read: id, handle, 64-bit offset, 32-bit length.
func (b *SFTPBehaviour) read(id uint32, body []byte) []byte {
	if len(body) < 12 {
		return status(id, statusFailure, "short packet")
	}
	offset := binary.BigEndian.Uint64(body[len(body)-12:])
	length := uint64(binary.BigEndian.Uint32(body[len(body)-4:]))
	if offset >= b.Size {
		return status(id, statusEOF, "")
	}
	length = min(length, b.Size-offset, 256<<10)
	if b.ShortRead > 0 {
		length = min(length, uint64(b.ShortRead))
	}
	data := make([]byte, length)
	for i := range data {
		data[i] = 'x'
	}
	return packet(SFTPData, word(id), text(string(data)))
}

func (b *SFTPBehaviour) names(id uint32, names []string) []byte {
	parts := [][]byte{word(id), word(uint32(len(names)))}
	for _, name := range names {
		parts = append(parts, text(name), text(name), b.attributes())
	}
	return packet(SFTPName, parts...)
}

// attributes are size and permissions: flags 1 and 4.
func (b *SFTPBehaviour) attributes() []byte {
	mode := b.Mode
	if mode == 0 {
		mode = 0o100644
	}
	out := word(1 | 4)
	out = binary.BigEndian.AppendUint64(out, b.Size)
	return binary.BigEndian.AppendUint32(out, mode)
}

func packet(kind byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	out := word(uint32(len(body) + 1))
	return append(append(out, kind), body...)
}

func status(id, code uint32, message string) []byte {
	return packet(SFTPStatus, word(id), word(code), text(message), text(""))
}

func word(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func text(s string) []byte { return append(word(uint32(len(s))), s...) }

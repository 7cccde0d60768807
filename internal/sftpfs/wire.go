package sftpfs

import (
	"encoding/binary"
	"io/fs"
	"math"
	"time"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// Types of packets (draft-ietf-secsh-filexfer-02, section 3).
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

// Flags of an open (section 6.3) and of attributes (section 5).
const (
	flagRead      = 0x01
	flagWrite     = 0x02
	flagCreate    = 0x08
	flagExclusive = 0x20

	attrSize        = 0x01
	attrOwner       = 0x02
	attrPermissions = 0x04
	attrTimes       = 0x08
	attrExtended    = 1 << 31
)

// request is a packet to the server. Its length and id are filled in when it
// is sent.
type request []byte

const headSize = 9 // length, type, id

func newRequest(kind byte) request {
	r := make(request, headSize, 96)
	r[4] = kind
	return r
}

func extended(name string) request { return newRequest(typeExtended).string(name) }

func (r request) uint32(n uint32) request { return binary.BigEndian.AppendUint32(r, n) }
func (r request) uint64(n uint64) request { return binary.BigEndian.AppendUint64(r, n) }
func (r request) string(s string) request { return append(r.uint32(uint32(len(s))), s...) }
func (r request) noAttrs() request        { return r.uint32(0) }
func (r request) mode(m fs.FileMode) request {
	return r.uint32(attrPermissions).uint32(posixMode(m))
}

func (r request) modeTimes(m fs.FileMode, accessed, modified time.Time) request {
	return r.uint32(attrPermissions | attrTimes).uint32(posixMode(m)).uint32(seconds(accessed)).uint32(seconds(modified))
}

// seconds: the protocol has whole seconds from 1970 to 2106.
func seconds(t time.Time) uint32 { return uint32(min(max(t.Unix(), 0), math.MaxUint32)) }

// fields reads a packet of the server one by one. After one that is not there
// all others are zero and short is set.
type fields struct {
	rest  []byte
	short bool
}

func (f *fields) take(n uint32) []byte {
	if uint64(n) > uint64(len(f.rest)) {
		f.short, f.rest = true, nil
		return make([]byte, min(n, 8)) // enough for every number
	}
	field := f.rest[:n]
	f.rest = f.rest[n:]
	return field
}

func (f *fields) uint32() uint32 { return binary.BigEndian.Uint32(f.take(4)) }
func (f *fields) uint64() uint64 { return binary.BigEndian.Uint64(f.take(8)) }

func (f *fields) string() string {
	n := f.uint32()
	if uint64(n) > uint64(len(f.rest)) {
		f.short, f.rest = true, nil
		return ""
	}
	return string(f.take(n))
}

// info reads attributes (section 5).
func (f *fields) info(name string) (transfer.Info, error) {
	i := transfer.Info{Name: name, UID: -1, GID: -1}
	flags := f.uint32()
	if flags&attrSize != 0 {
		i.Size = int64(f.uint64())
	}
	if flags&attrOwner != 0 {
		i.UID, i.GID = int(f.uint32()), int(f.uint32())
	}
	if flags&attrPermissions != 0 {
		i.Mode = fileMode(f.uint32())
	}
	if flags&attrTimes != 0 {
		i.Accessed, i.Modified = time.Unix(int64(f.uint32()), 0), time.Unix(int64(f.uint32()), 0)
	}
	if flags&attrExtended != 0 {
		for n := f.uint32(); n > 0 && !f.short; n-- {
			_, _ = f.string(), f.string()
		}
	}
	if i.Size < 0 {
		return i, fault.New(fault.Protocol, "a size of %d bytes makes no sense", uint64(i.Size))
	}
	return i, nil
}

// Types of files in a mode, as stat(2) has them.
var fileTypes = map[uint32]fs.FileMode{
	0o140000: fs.ModeSocket, 0o120000: fs.ModeSymlink, 0o100000: 0, 0o060000: fs.ModeDevice,
	0o040000: fs.ModeDir, 0o020000: fs.ModeDevice | fs.ModeCharDevice, 0o010000: fs.ModeNamedPipe,
}

// special are the bits above the permissions.
var special = map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky}

func fileMode(bits uint32) fs.FileMode {
	kind, known := fileTypes[bits&0o170000]
	if !known && bits&0o170000 != 0 {
		kind = fs.ModeIrregular
	}
	m := kind | fs.FileMode(bits&0o777)
	for bit, flag := range special {
		if bits&bit != 0 {
			m |= flag
		}
	}
	return m
}

func posixMode(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	for bit, flag := range special {
		if m&flag != 0 {
			bits |= bit
		}
	}
	return bits
}

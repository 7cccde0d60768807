package sftpfs

import (
	"context"

	"gofab/internal/transfer"
)

// Mode says what a file is opened for (draft-ietf-secsh-filexfer-02, section
// 6.3); a copy needs less, and has Open and Create.
type Mode struct {
	Read, Write bool
	Append      bool // all writing goes to the end
	Create      bool // make it when it is not there
	Truncate    bool // empty it
	Exclusive   bool // it must not be there
}

const (
	flagAppend   = 0x04
	flagTruncate = 0x10
)

func (m Mode) flags() (all, again uint32) {
	for _, f := range []struct {
		on  bool
		bit uint32
	}{{m.Read, flagRead}, {m.Write, flagWrite}} {
		if f.on {
			again |= f.bit
		}
	}
	all = again
	for _, f := range []struct {
		on  bool
		bit uint32
	}{{m.Append, flagAppend}, {m.Create, flagCreate}, {m.Truncate, flagTruncate}, {m.Exclusive, flagExclusive}} {
		if f.on {
			all |= f.bit
		}
	}
	return all, again
}

// Resizable is an open file whose size can be set.
type Resizable interface {
	transfer.File
	Truncate(ctx context.Context, size int64) error
}

var _ Resizable = (*file)(nil)

// OpenMode opens a file in any way that the protocol has. A new one gets mode
// 0666 less the umask of the server, as open(2) does it.
func (f *FS) OpenMode(ctx context.Context, path string, mode Mode) (Resizable, error) {
	all, again := mode.flags()
	opened, err := f.open(ctx, "open", path, again, newRequest(typeOpen).string(path).uint32(all).noAttrs())
	if err != nil {
		return nil, err
	}
	return opened.(*file), nil
}

// Truncate sets the size of an open file.
func (f *file) Truncate(ctx context.Context, size int64) error {
	r := f.home.request(typeFsetstat).uint32(attrSize).uint64(uint64(size))
	return asFault(f.home.do(ctx, r), "cannot set the size of %s", f.path)
}

// Truncate sets the size of a file.
func (f *FS) Truncate(ctx context.Context, path string, size int64) error {
	err := f.do(ctx, newRequest(typeSetstat).string(path).uint32(attrSize).uint64(uint64(size)))
	return asFault(err, "cannot set the size of %s", path)
}

// Realpath makes a path absolute, without links and dots, as the server sees it.
func (f *FS) Realpath(ctx context.Context, path string) (string, error) {
	full, err := f.nameOf(ctx, newRequest(typeRealpath).string(path), "path")
	return full, asFault(err, "cannot resolve %s", path)
}

package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"gofab/internal/fault"
)

// source is one open file to copy from.
type source struct {
	file File
	info Info
	path string // "" for content
}

// openSource opens a plain file. It looks before it opens: opening a named pipe
// would block an SFTP server for good.
func openSource(ctx context.Context, side FS, path string) (source, error) {
	info, err := side.Stat(ctx, path)
	if err != nil {
		return source{}, err
	}
	return openKnown(ctx, side, path, info)
}

// openKnown opens what was looked at before. That it still is the same, settled
// finds out at the end.
func openKnown(ctx context.Context, side FS, path string, info Info) (source, error) {
	if err := plainFile(info); err != nil {
		return source{}, err
	}
	file, err := side.Open(ctx, path)
	return source{file, info, path}, err
}

func plainFile(info Info) error {
	switch {
	case info.IsDir():
		return fault.New(fault.Exists, "it is a directory")
	case !info.Mode.IsRegular():
		return fault.New(fault.Unsupported, "it is %s, not a file", typeName(info.Mode))
	case info.Size < 0:
		return fault.New(fault.Protocol, "its size is said to be negative")
	}
	return nil
}

// isEmpty tells a file without content from one that does not know its size.
func (s source) isEmpty(ctx context.Context) bool {
	n, err := s.file.ReadAt(ctx, make([]byte, 1), 0)
	return n == 0 && errors.Is(err, io.EOF)
}

// settled checks that the source still is what it was when it was looked at.
func (s source) settled(ctx context.Context, growing bool) error {
	now, err := s.file.Stat(ctx)
	if err != nil {
		return err
	}
	return s.stayed(now, growing)
}

// stayed compares what the source is now with what it was.
func (s source) stayed(now Info, growing bool) error {
	switch {
	case now.Size < s.info.Size:
		return errShort
	case now.Size > s.info.Size && s.info.Size > 0 && !growing:
		return fault.New(fault.Failed, "the file grew from %d to %d bytes while it was read", s.info.Size, now.Size).
			WithHint("growing = true takes what was there at the start")
	case !now.Modified.Equal(s.info.Modified) && s.info.Size > 0 && !growing:
		return fault.New(fault.Failed, "the file was changed while it was read")
	}
	return nil
}

func typeName(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode.IsRegular():
		return "a file"
	default:
		return "something else"
	}
}

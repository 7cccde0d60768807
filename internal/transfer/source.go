package transfer

import (
	"context"
	"io/fs"
	"time"

	"gofab/internal/fault"
)

// source is one open file to copy from.
type source struct {
	file File
	info Info
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

// openKnown opens what was looked at before. The size is taken again from the
// open file, so that it belongs to the bytes that are read.
func openKnown(ctx context.Context, side FS, path string, info Info) (source, error) {
	if err := plainFile(info); err != nil {
		return source{}, err
	}
	file, err := side.Open(ctx, path)
	if err != nil {
		return source{}, err
	}
	if info, err = file.Stat(ctx); err == nil {
		err = plainFile(info)
	}
	if err != nil {
		closeQuietly(ctx, file)
		return source{}, err
	}
	return source{file, info}, nil
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

// settled checks that the source still is what it was when it was opened.
func (s source) settled(ctx context.Context, growing bool) error {
	now, err := s.file.Stat(ctx)
	switch {
	case err != nil:
		return err
	case now.Size < s.info.Size:
		return errShort
	case now.Size > s.info.Size && s.info.Size > 0 && !growing:
		return fault.New(fault.Failed, "the file grew from %d to %d bytes while it was read", s.info.Size, now.Size).
			WithHint("growing = true takes what was there at the start")
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

// graceful is the time that cleaning up gets after the end of a context, as
// far as the caller waits for it, and in all.
const (
	waitForCleanup = 80 * time.Millisecond
	cleanupLimit   = 5 * time.Second
)

// cleanup runs do although ctx may have ended. The caller gets back within
// 100 ms of that end; what is still to be done then goes on for a few seconds.
func cleanup(ctx context.Context, do func(ctx context.Context)) {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		do(detached)
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	late := time.NewTimer(waitForCleanup)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
}

func closeQuietly(ctx context.Context, f File) {
	cleanup(ctx, func(ctx context.Context) { _ = f.Close(ctx) })
}

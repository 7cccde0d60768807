// Package remotefile is an open file with a position, as programs know it, on
// top of one that is read and written at offsets.
//
// Rules: reading takes whole blocks ahead and writing gathers them, so that a
// loop over short lines is not a round trip each; what was gathered goes out
// before anything else is done with the file, and Close tells whether it
// arrived. One call at a time; callers that are many wait.
package remotefile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// block is what is read ahead or gathered.
const block = 256 << 10

// Target is what a File stands on.
type Target interface {
	transfer.File
	Truncate(ctx context.Context, size int64) error
}

// File is an open file with a position.
type File struct {
	target Target

	mu      sync.Mutex
	at      int64  // position of the next byte that is read or written
	ahead   []byte // read already, from at on
	pending []byte // written already, ends at at
	closed  bool
}

// New begins at the start of a file, or with add at its end.
func New(ctx context.Context, target Target, add bool) (*File, error) {
	f := &File{target: target}
	if !add {
		return f, nil
	}
	info, err := target.Stat(ctx)
	f.at = info.Size
	return f, err
}

var errClosed = fault.New(fault.Usage, "the file is closed")

// enter takes the file for one call.
func (f *File) enter() (leave func(), err error) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil, errClosed
	}
	return f.mu.Unlock, nil
}

// Read gives the next n bytes, fewer at the end of the file. More than limit
// are an error when n is negative, which means all.
func (f *File) Read(ctx context.Context, n int, limit int) ([]byte, error) {
	leave, err := f.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := f.flush(ctx); err != nil {
		return nil, err
	}
	var out []byte
	for n < 0 || len(out) < n {
		if len(f.ahead) == 0 {
			err := f.fill(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
		}
		take := len(f.ahead)
		if n >= 0 {
			take = min(take, n-len(out))
		}
		out = append(out, f.take(take)...)
		if n < 0 && len(out) > limit {
			return nil, fault.New(fault.Failed, "the file holds more than %d bytes", limit).WithHint("read it in pieces, or line by line")
		}
	}
	return out, nil
}

// Line gives the next line with its end; ok is false after the last one.
func (f *File) Line(ctx context.Context, limit int) (line []byte, ok bool, err error) {
	leave, err := f.enter()
	if err != nil {
		return nil, false, err
	}
	defer leave()
	if err := f.flush(ctx); err != nil {
		return nil, false, err
	}
	for {
		if len(f.ahead) == 0 {
			err := f.fill(ctx)
			if errors.Is(err, io.EOF) {
				return line, len(line) > 0, nil
			}
			if err != nil {
				return nil, false, err
			}
		}
		end := bytes.IndexByte(f.ahead, '\n') + 1
		if end > 0 {
			return append(line, f.take(end)...), true, nil
		}
		line = append(line, f.take(len(f.ahead))...)
		if len(line) > limit {
			return nil, false, fault.New(fault.Failed, "a line is longer than %d bytes", limit)
		}
	}
}

// fill reads a block ahead; io.EOF when there is nothing more.
func (f *File) fill(ctx context.Context) error {
	piece := make([]byte, block) // fresh: after an error the old one may still be written to
	n, err := f.target.ReadAt(ctx, piece, f.at)
	if n > 0 {
		f.ahead = piece[:n]
		return nil
	}
	return err
}

// take gives n bytes that were read ahead.
func (f *File) take(n int) []byte {
	piece := f.ahead[:n]
	f.ahead = f.ahead[n:]
	f.at += int64(n)
	return piece
}

// Write writes at the position, or at the end of a file opened for appending.
func (f *File) Write(ctx context.Context, p []byte) error {
	leave, err := f.enter()
	if err != nil {
		return err
	}
	defer leave()
	f.ahead = nil
	f.pending = append(f.pending, p...)
	f.at += int64(len(p))
	if len(f.pending) >= block {
		return f.flush(ctx)
	}
	return nil
}

// flush sends what was gathered. After a failure it is dropped: nobody knows how
// much of it arrived.
func (f *File) flush(ctx context.Context) error {
	if len(f.pending) == 0 {
		return nil
	}
	p := f.pending
	f.pending = nil
	_, err := f.target.WriteAt(ctx, p, f.at-int64(len(p)))
	return err
}

// Flush sends what was gathered; with sync it is brought to disk.
func (f *File) Flush(ctx context.Context, sync bool) error {
	leave, err := f.enter()
	if err != nil {
		return err
	}
	defer leave()
	if err := f.flush(ctx); err != nil || !sync {
		return err
	}
	return f.target.Sync(ctx)
}

// Seek moves the position as io.Seeker has it.
func (f *File) Seek(ctx context.Context, offset int64, whence int) (int64, error) {
	leave, err := f.enter()
	if err != nil {
		return 0, err
	}
	defer leave()
	if err := f.flush(ctx); err != nil {
		return 0, err
	}
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		info, err := f.target.Stat(ctx)
		if err != nil {
			return 0, err
		}
		offset += info.Size
	}
	if offset < 0 {
		return 0, fault.New(fault.Usage, "position %d is before the start of the file", offset)
	}
	f.at, f.ahead = offset, nil
	return f.at, nil
}

// Truncate sets the size; the position stays.
func (f *File) Truncate(ctx context.Context, size int64) error {
	leave, err := f.enter()
	if err != nil {
		return err
	}
	defer leave()
	if size < 0 {
		return fault.New(fault.Usage, "a size of %d makes no sense", size)
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	f.ahead = nil
	return f.target.Truncate(ctx, size)
}

// Stat describes the file, with what was written so far.
func (f *File) Stat(ctx context.Context) (transfer.Info, error) {
	leave, err := f.enter()
	if err != nil {
		return transfer.Info{}, err
	}
	defer leave()
	if err := f.flush(ctx); err != nil {
		return transfer.Info{}, err
	}
	return f.target.Stat(ctx)
}

// Tell is the position.
func (f *File) Tell() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// Close sends what was gathered and closes; a second one does nothing.
func (f *File) Close(ctx context.Context) error {
	leave, err := f.enter()
	if err != nil {
		return nil
	}
	defer leave()
	f.closed = true
	return errors.Join(f.flush(ctx), f.target.Close(ctx))
}

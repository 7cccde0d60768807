package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"gofab/internal/fault"
)

// window bounds what one copy keeps in memory and on the way: blocks of one
// size, shared by all its files.
type window struct {
	block  int
	files  int // of a tree at once
	slots  chan struct{}
	buffer sync.Pool

	limiter *limiter // nil is none
}

// windowFor fits two sides: the smaller block, the larger number in flight.
func windowFor(a, b Limits) *window {
	block := max(min(a.Block, b.Block), 1)
	w := &window{
		block: block, files: filesFor(a, b), slots: make(chan struct{}, max(a.InFlight, b.InFlight, 1)),
	}
	w.buffer.New = func() any { b := make([]byte, block); return &b }
	return w
}

// filesFor is the smaller number of two sides that have one.
func filesFor(a, b Limits) int {
	switch {
	case a.Files == 0 && b.Files == 0:
		return manyFiles
	case a.Files == 0 || b.Files == 0:
		return max(a.Files, b.Files)
	}
	return min(a.Files, b.Files)
}

// blocks calls do for each block of the first size bytes, many at once. A
// buffer goes back to the pool only after success: a call that was given up may
// still be looking at it.
func (w *window) blocks(ctx context.Context, size int64, do func(ctx context.Context, buf []byte, off int64) error) error {
	count := int((size + int64(w.block) - 1) / int64(w.block))
	return each(ctx, count, cap(w.slots), func(ctx context.Context, i int) error {
		select {
		case w.slots <- struct{}{}:
			defer func() { <-w.slots }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		buf := w.buffer.Get().(*[]byte)
		off := int64(i) * int64(w.block)
		err := do(ctx, (*buf)[:min(int64(w.block), size-off)], off)
		if err == nil {
			w.buffer.Put(buf)
		}
		return err
	})
}

// copy copies size bytes from one file to another, except the blocks that are
// there. copied hears of each block.
func (w *window) copy(ctx context.Context, from, to File, size int64, there []bool, copied func(n int)) error {
	return w.blocks(ctx, size, func(ctx context.Context, buf []byte, off int64) error {
		if i := int(off / int64(w.block)); i < len(there) && there[i] {
			return nil
		}
		if err := w.limiter.wait(ctx, len(buf)); err != nil {
			return err
		}
		if err := readFull(ctx, from, buf, off); err != nil {
			return err
		}
		if _, err := to.WriteAt(ctx, buf, off); err != nil {
			return err
		}
		copied(len(buf))
		return nil
	})
}

// copyAll copies until the end of a file that does not know its size, as those
// of /proc, one block after the other.
func (w *window) copyAll(ctx context.Context, from, to File, most int64, copied func(n int)) (int64, error) {
	buf := make([]byte, w.block)
	for off := int64(0); ; {
		if err := w.limiter.wait(ctx, len(buf)); err != nil {
			return off, err
		}
		n, err := from.ReadAt(ctx, buf, off)
		if err != nil && !errors.Is(err, io.EOF) {
			return off, err
		}
		if off+int64(n) > most {
			return off, fault.New(fault.Failed, "it has more than %d bytes", most)
		}
		if n > 0 {
			if _, err := to.WriteAt(ctx, buf[:n], off); err != nil {
				return off, err
			}
			copied(n)
			off += int64(n)
		}
		if err != nil {
			return off, nil
		}
	}
}

// errShort is a file that ended before its size.
var errShort = errors.New("the file became shorter while it was read")

func readFull(ctx context.Context, f File, buf []byte, off int64) error {
	n, err := f.ReadAt(ctx, buf, off)
	switch {
	case n == len(buf):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errShort
	default:
		return err
	}
}

// errDiffers ends a comparison.
var errDiffers = errors.New("the content differs")

// same compares the first size bytes of two files.
func (w *window) same(ctx context.Context, a, b File, size int64) (bool, error) {
	err := w.blocks(ctx, size, func(ctx context.Context, buf []byte, off int64) error {
		other := make([]byte, len(buf))
		if err := readFull(ctx, a, buf, off); err != nil {
			return err
		}
		if err := readFull(ctx, b, other, off); err != nil {
			return err
		}
		if !bytes.Equal(buf, other) {
			return errDiffers
		}
		return nil
	})
	if errors.Is(err, errDiffers) || errors.Is(err, errShort) {
		return false, nil
	}
	return err == nil, err
}

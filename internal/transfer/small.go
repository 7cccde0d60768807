package transfer

import (
	"context"
	"errors"
	"io"

	"gofab/internal/fault"
)

// smallFile is up to what size a file is copied in one piece: one round trip to
// read it and one to write it, whatever else has to be done to it.
const smallFile = 64 << 10

// whole reads a small file into memory and checks that it is settled.
func (d *draft) whole(ctx context.Context) ([]byte, error) {
	buf := make([]byte, d.info.Size)
	quick, ok := d.source.file.(StatReader)
	if !ok {
		if err := readFull(ctx, d.source.file, buf, 0); err != nil {
			return nil, err
		}
		return buf, d.settled(ctx, d.Growing)
	}
	n, now, err := quick.ReadStat(ctx, buf, 0)
	switch {
	case n == len(buf):
		return buf, d.stayed(now, d.Growing)
	case err == nil || errors.Is(err, io.EOF):
		return nil, errShort
	}
	return nil, err
}

// quickly copies a small file that needs nothing but its bytes, mode and times.
// It tells whether this could be done.
func (d *draft) quickly(ctx context.Context) (done bool, err error) {
	if d.info.Size == 0 || d.info.Size > smallFile || !d.keepsOwner() {
		return false, nil
	}
	if err := d.limiter.wait(ctx, int(d.info.Size)); err != nil {
		return true, err
	}
	data, err := d.whole(ctx)
	if err != nil {
		return true, err
	}
	d.size = d.info.Size
	written, err := d.finishWith(ctx, data, 0)
	if err != nil {
		return true, err
	}
	d.done.Add(d.size)
	d.moved(d.target)(len(data))
	return true, d.proven(written)
}

// finishWith completes the file with its last bytes, in one round trip where
// the other side can.
func (d *draft) finishWith(ctx context.Context, rest []byte, off int64) (Info, error) {
	final := Final{Mode: d.finalMode(), Times: d.Preserve, Accessed: d.info.Accessed, Modified: d.info.Modified}
	if quick, ok := d.file.(Finisher); ok {
		return quick.Finish(ctx, rest, off, final)
	}
	if _, err := d.file.WriteAt(ctx, rest, off); err != nil {
		return Info{}, err
	}
	written, err := d.file.Stat(ctx)
	for _, step := range []func(context.Context) error{d.chmod, d.sync, d.file.Close} {
		if err == nil {
			err = step(ctx)
		}
	}
	if err == nil && d.Preserve {
		err = d.to.Chtimes(ctx, d.temp, final.Accessed, final.Modified)
	}
	return written, err
}

func (d *draft) proven(written Info) error {
	if written.Size != d.size {
		return fault.New(fault.Protocol, "%d bytes were written, but the file has %d", d.size, written.Size)
	}
	return nil
}

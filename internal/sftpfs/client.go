package sftpfs

import (
	"context"
	"io"
	"sync"
	"time"

	"gofab/internal/transfer"
)

// FS is a host's file system, over one SFTP channel or, during large copies,
// over several.
type FS struct {
	first *channel
	times times
	room  bell                                                  // rung when a channel gets room
	more  func(ctx context.Context) (io.ReadWriteCloser, error) // opens another; may be nil

	mu    sync.Mutex
	home  string
	extra []*channel
	wide  widening
	keeps int           // Keeps that were not released
	free  chan struct{} // closed when there are none any more; nil until Close waits
}

var (
	_ transfer.Keeper  = (*FS)(nil)
	_ transfer.FS      = (*FS)(nil)
	_ transfer.Spacer  = (*FS)(nil)
	_ transfer.Widener = (*FS)(nil)
)

// Option changes how an FS works.
type Option func(*FS)

// More lets a large copy over a link with latency open more channels.
func More(open func(ctx context.Context) (io.ReadWriteCloser, error)) Option {
	return func(f *FS) { f.more = open }
}

// New begins SFTP on a channel (the sftp subsystem of an SSH connection) and
// takes it over: it is closed with the FS, and when New fails.
func New(ctx context.Context, channel io.ReadWriteCloser, options ...Option) (*FS, error) {
	return open(ctx, channel, usual, options...)
}

func open(ctx context.Context, stream io.ReadWriteCloser, t times, options ...Option) (*FS, error) {
	f := &FS{times: t}
	for _, o := range options {
		o(f)
	}
	var err error
	f.first, err = begin(ctx, stream, t, f.room.ring)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Done is closed when the channel has ended, by whoever.
func (f *FS) Done() <-chan struct{} { return f.first.done }

// channels are those that work, the first one first.
func (f *FS) channels() []*channel {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*channel, 1, 1+len(f.extra))
	all[0] = f.first
	for _, c := range f.extra {
		select {
		case <-c.done:
		default:
			all = append(all, c)
		}
	}
	return all
}

// pick gives the channel with the least to do.
func (f *FS) pick() *channel { return f.leastLoaded(f.first) }

// leastLoaded prefers one channel among equals.
func (f *FS) leastLoaded(best *channel) *channel {
	for _, c := range f.channels() {
		if c.load.Load() < best.load.Load() {
			best = c
		}
	}
	return best
}

// Trip is the fastest answer so far: about one round trip.
func (f *FS) Trip() time.Duration {
	f.first.mu.Lock()
	defer f.first.mu.Unlock()
	return f.first.trip
}

// Limits: on each channel, what fills the usual window of SSH, 2 MiB, and a
// little more.
func (f *FS) Limits() transfer.Limits {
	f.mu.Lock()
	n := max(1, f.wide.want)
	f.mu.Unlock()
	block := f.first.block
	return transfer.Limits{Block: block, InFlight: n * max(1, (2<<20+largeBlock)/block), Files: min(64*n, f.first.files)}
}

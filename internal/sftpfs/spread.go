package sftpfs

import (
	"context"
)

// spreadFrom is how far into a file all blocks travel on one channel: small
// files need no second.
const spreadFrom = 2 << 20

// capacity is how much may be on its way on one channel: its window and a
// little more. What exceeds it waits for the next channel that has room, which
// may be one that is just being opened.
const capacity = 2<<20 + largeBlock

// other is a second opening of a file.
type other struct {
	handle
	ready chan struct{} // closed when it is known whether it may be used
	good  bool
}

// on gives the handle whose channel has the least to do.
func (f *file) on(ctx context.Context, off int64) handle {
	if off < spreadFrom || f.closed.Load() {
		return f.home
	}
	for {
		room := f.fs.room.wait()
		best := f.fs.leastLoaded(f.home.channel)
		if best.load.Load() < capacity {
			return f.through(ctx, best)
		}
		select {
		case <-room:
		case <-best.done:
			return f.home
		case <-ctx.Done():
			return f.home
		}
	}
}

// through gives the handle of one channel, or that of the first where the file
// could not be opened again.
func (f *file) through(ctx context.Context, c *channel) handle {
	if c == f.home.channel {
		return f.home
	}
	if o := f.second(ctx, c); o.good {
		return o.handle
	}
	return f.home
}

// second opens the file on another channel, once.
func (f *file) second(ctx context.Context, c *channel) *other {
	f.mu.Lock()
	o := f.others[c]
	if o == nil {
		if f.others == nil {
			f.others = map[*channel]*other{}
		}
		o = &other{handle: handle{channel: c}, ready: make(chan struct{})}
		f.others[c] = o
		f.mu.Unlock()
		f.openSecond(ctx, o)
		return o
	}
	f.mu.Unlock()
	select {
	case <-o.ready:
		return o
	case <-ctx.Done():
		return &other{}
	}
}

// openSecond makes sure that it is the same file that is read: another may have
// taken its name. A file that is written has a name that nobody else knows, and
// its size is proven at the end.
func (f *file) openSecond(ctx context.Context, o *other) {
	defer close(o.ready)
	id, err := o.open(ctx, newRequest(typeOpen).string(f.path).uint32(f.flags).noAttrs())
	if err != nil {
		return
	}
	o.id = id
	if f.flags == flagWrite {
		o.good = true
		return
	}
	first, err := f.Stat(ctx)
	if err != nil {
		return
	}
	k := &call{request: o.handle.request(typeFstat)}
	if err := o.ask(ctx, k); err != nil {
		return
	}
	again, err := k.info(f.path)
	again.Accessed = first.Accessed
	o.good = err == nil && again == first
}

func (f *file) dropOthers() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.others {
		select {
		case <-o.ready:
			if o.id != "" {
				o.drop(o.id)
			}
		default: // its context is about to end it
		}
	}
	f.others = nil
}

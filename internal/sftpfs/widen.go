package sftpfs

import (
	"context"
	"sync"
	"time"
)

// One channel of SSH carries a window of 2 MiB for each round trip, and one
// sftp-server works on one core; so a large copy takes several. sshd allows ten
// sessions at a time by default: two are left for commands.
const maxChannels = 8

// spare bounds the further channels of all hosts together: what is on its way
// on them is memory.
var spare = make(chan struct{}, 64)

// widening is how many channels are wanted at the moment, and by whom.
type widening struct {
	users int
	want  int
	stop  context.CancelFunc
	tried sync.WaitGroup
}

// Widen opens more channels in the background when a copy of so much is worth
// it; narrow closes them when nobody needs them any more.
func (f *FS) Widen(ctx context.Context, bytes int64, files int) (narrow func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wide.users++
	if f.more != nil && f.wide.users == 1 && f.wide.stop == nil {
		f.widen(ctx, channelsFor(f.Trip(), bytes, files))
	}
	return sync.OnceFunc(f.narrow)
}

// widen takes from spare what there is, up to want; f.mu is held.
func (f *FS) widen(ctx context.Context, want int) {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	f.wide.want, f.wide.stop = 1, stop
	for f.wide.want < want {
		select {
		case spare <- struct{}{}:
			f.wide.want++
			f.wide.tried.Go(func() { f.widenByOne(inner) })
		default:
			return
		}
	}
}

// channelsFor: with 20 ms there and back, eight windows of 2 MiB make 800 MiB/s.
func channelsFor(trip time.Duration, bytes int64, files int) int {
	var n int64 = 1
	if bytes >= 8<<20 {
		n = min(1+int64(trip/(2*time.Millisecond)), bytes/(2<<20))
	}
	if files >= 64 {
		n = max(n, 1+int64(trip/(4*time.Millisecond)))
	}
	if files >= 500 {
		n = max(n, 3)
	}
	return int(min(n, maxChannels))
}

// widenByOne opens one channel. That the server refuses it is no trouble.
func (f *FS) widenByOne(ctx context.Context) {
	stream, err := f.more(ctx)
	if err != nil {
		return
	}
	c, err := begin(ctx, stream, f.times, f.room.ring)
	if err != nil {
		return
	}
	if c.block < f.first.block {
		c.end(errClosed)
		return
	}
	f.mu.Lock()
	f.extra = append(f.extra, c)
	f.mu.Unlock()
	f.room.ring()
}

func (f *FS) narrow() {
	f.mu.Lock()
	f.wide.users--
	if f.wide.users > 0 || f.wide.stop == nil {
		f.mu.Unlock()
		return
	}
	f.wide.stop()
	f.mu.Unlock()
	f.wide.tried.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.extra {
		go f.retire(c)
	}
	for range f.wide.want - 1 {
		<-spare
	}
	f.extra, f.wide.stop, f.wide.want = nil, nil, 0
}

// retire closes a channel that gets no new work, after the work that somebody
// else may have had on it.
func (f *FS) retire(c *channel) {
	limit := time.NewTimer(f.times.grace)
	defer limit.Stop()
	defer c.end(errClosed)
	for {
		room := f.room.wait()
		if c.load.Load() == 0 && c.handles.Load() == 0 {
			return
		}
		select {
		case <-room:
		case <-c.done:
			return
		case <-f.first.done:
			return
		case <-limit.C:
			return
		}
	}
}

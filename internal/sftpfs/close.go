package sftpfs

import (
	"sync"
	"time"
)

// keepLimit is how long Close waits for clean-ups. They have limits of their
// own, which are shorter.
const keepLimit = 6 * time.Second

// Keep makes a Close wait until it is released, so that the end of a run does
// not cut off the removal of temporary files.
func (f *FS) Keep() (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keeps++
	return sync.OnceFunc(f.release)
}

func (f *FS) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keeps--; f.keeps == 0 && f.free != nil {
		close(f.free)
		f.free = nil
	}
}

// Close ends the channel, after what was kept.
func (f *FS) Close() error {
	if free := f.kept(); free != nil {
		limit := time.NewTimer(keepLimit)
		defer limit.Stop()
		select {
		case <-free:
		case <-f.first.done:
		case <-limit.C:
		}
	}
	f.end(errClosed)
	return nil
}

// kept is closed when nothing is kept any more; nil when nothing is.
func (f *FS) kept() chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keeps > 0 && f.free == nil {
		f.free = make(chan struct{})
	}
	return f.free
}

func (f *FS) end(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.extra {
		c.end(why)
	}
	f.first.end(why)
}

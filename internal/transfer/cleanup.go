package transfer

import (
	"context"
	"time"
)

// How long cleaning up may take: as far as the caller waits for it after the
// end of its context, in all after that end, and in all after a failure.
const (
	cleanupWait    = 80 * time.Millisecond
	cleanupHurried = 1500 * time.Millisecond
	cleanupLimit   = 5 * time.Second
)

// Keeper is a file system that is told while a temporary file still has to be
// removed; a Close waits for that, not for ever.
type Keeper interface {
	Keep() (release func())
}

// cleanup runs do although ctx may have ended. The caller gets back within
// 100 ms of that end; what is still to be done then goes on in the background.
func cleanup(ctx context.Context, side FS, do func(ctx context.Context)) {
	limit := cleanupLimit
	if ctx.Err() != nil {
		limit = cleanupHurried
	}
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	release := func() {}
	if keeper, ok := side.(Keeper); ok {
		release = keeper.Keep()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer release()
		defer cancel()
		do(detached)
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	late := time.NewTimer(cleanupWait)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
}

func closeQuietly(ctx context.Context, side FS, f File) {
	if d, ok := f.(Dropper); ok {
		d.Drop()
		return
	}
	cleanup(ctx, side, func(ctx context.Context) { _ = f.Close(ctx) })
}

// Package follow lets a Lua function follow a copy.
//
// Rules: the function runs beside the copy and does not hold it up; it is told
// of the end; an error in it ends the copy.
package follow

import (
	"context"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/transfer"
)

// Options are those of copies that internal/transfer has in another form.
type Options struct {
	Limit    kit.Size     `lua:"limit" default:"0" doc:"Most bytes a second for the whole copy, such as \"10M\"; 0 means no limit."`
	Progress kit.Callback `lua:"progress" default:"" doc:"function(p): told some ten times a second how far the copy is, and at its end: p.path, p.files, p.total_files, p.bytes, p.total_bytes. An error in it ends the copy."`
}

// pause keeps a script from being called for every block.
const pause = 100 * time.Millisecond

// table is what a script sees of the progress.
type table struct {
	Path       string `lua:"path" doc:"Target of the file that moved last."`
	Files      int    `lua:"files" doc:"Files in place."`
	TotalFiles int    `lua:"total_files" doc:"Files in all."`
	Bytes      int64  `lua:"bytes" doc:"Bytes copied."`
	TotalBytes int64  `lua:"total_bytes" doc:"Bytes in all."`
}

// follower calls a Lua function with the latest progress, beside the copy, so
// that a slow function does not hold it up.
type follower struct {
	call   kit.Callback
	cancel context.CancelCauseFunc
	news   chan struct{}
	ended  chan struct{}
	wg     sync.WaitGroup

	mu     sync.Mutex
	latest transfer.Progress
}

// Copy begins to call fn; done ends it after a last call and gives the error
// of the copy, or that of fn, which ended the copy.
func Copy(ctx context.Context, fn kit.Callback, also func(transfer.Progress)) (
	inner context.Context, report func(transfer.Progress), done func(error) error,
) {
	if fn.IsZero() {
		return ctx, also, func(err error) error { return err }
	}
	inner, cancel := context.WithCancelCause(ctx)
	f := &follower{call: fn, cancel: cancel, news: make(chan struct{}, 1), ended: make(chan struct{})}
	f.wg.Go(func() { f.loop(inner) })
	report = func(p transfer.Progress) {
		also(p)
		f.mu.Lock()
		f.latest = p
		f.mu.Unlock()
		select {
		case f.news <- struct{}{}:
		default:
		}
	}
	return inner, report, func(err error) error {
		close(f.ended)
		f.wg.Wait()
		defer cancel(nil)
		if cause := context.Cause(inner); cause != nil && ctx.Err() == nil {
			return cause
		}
		return err
	}
}

func (f *follower) loop(ctx context.Context) {
	for {
		select {
		case <-f.ended:
			f.tell(ctx)
			return
		case <-ctx.Done():
			return
		case <-f.news:
			f.tell(ctx)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-f.ended:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

func (f *follower) tell(ctx context.Context) {
	f.mu.Lock()
	p := f.latest
	f.mu.Unlock()
	seen := table{p.Path, p.Files, p.TotalFiles, p.Bytes, p.TotalBytes}
	if _, err := f.call.Call(ctx, seen); err != nil {
		f.cancel(err)
	}
}

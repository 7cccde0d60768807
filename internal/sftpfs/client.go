package sftpfs

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// FS is one SFTP channel to a host.
type FS struct {
	client *sftp.Client
	wire   *wire
	times  times

	mu    sync.Mutex
	why   error // why the channel ended
	home  string
	keeps int           // Keeps that were not released
	free  chan struct{} // closed when there are none any more; nil until Close waits
	done  chan struct{}
}

var (
	_ transfer.Keeper = (*FS)(nil)
	_ transfer.FS     = (*FS)(nil)
	_ transfer.Spacer = (*FS)(nil)
)

// times are the limits of waiting.
type times struct {
	quiet time.Duration // a request is due and nothing arrives
	call  time.Duration // one request, whatever else arrives
	grace time.Duration // a request whose caller has gone
}

var usual = times{quiet: time.Minute, call: 15 * time.Minute, grace: 10 * time.Second}

// patient is for fsync(2) of a large file on a slow disk: nothing else may be
// on the channel meanwhile.
func (t times) patient() times {
	t.quiet = t.call
	return t
}

// New begins SFTP on a channel (the sftp subsystem of an SSH connection) and
// takes it over: it is closed with the FS, and when New fails.
func New(ctx context.Context, channel io.ReadWriteCloser) (*FS, error) {
	return open(ctx, channel, usual)
}

func open(ctx context.Context, channel io.ReadWriteCloser, t times) (*FS, error) {
	f := &FS{wire: newWire(channel), times: t, done: make(chan struct{})}
	client, err := call(ctx, f, (*sftp.Client).Close, func() (*sftp.Client, error) {
		return sftp.NewClientPipe(f.wire, f.wire)
	})
	if err != nil {
		f.end(errClosed)
		return nil, asFault(err, "cannot begin sftp")
	}
	f.client = client
	go func() {
		_ = client.Wait() // its error says less than the one we give
		f.end(errLost)
	}()
	return f, nil
}

var (
	errClosed = fault.New(fault.Cancelled, "the sftp channel was closed")
	errLost   = fault.New(fault.Lost, "the sftp channel ended")
)

// end closes the channel once; everything that waits gets why.
func (f *FS) end(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.why != nil {
		return
	}
	f.why = why
	close(f.done)
	go func() { _ = f.wire.Close() }() // may take its time
}

// Done is closed when the channel has ended, by whoever.
func (f *FS) Done() <-chan struct{} { return f.done }

func (f *FS) ended() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.why
}

// call runs one request of the library. It gives back the result, or an error
// when ctx, the channel or the patience ends before. A result that comes too
// late goes to late, which may be nil.
func call[T any](ctx context.Context, f *FS, late func(T) error, request func() (T, error)) (T, error) {
	return callWithin(ctx, f, f.times, late, request)
}

func callWithin[T any](ctx context.Context, f *FS, t times, late func(T) error, request func() (T, error)) (T, error) {
	var none T
	if err := context.Cause(ctx); err != nil {
		return none, err
	}
	if err := f.ended(); err != nil {
		return none, err
	}
	answers := make(chan answer[T], 1)
	go func() { answers <- guarded(request) }()
	patience := newPatience(f, t)
	defer patience.stop()
	for {
		select {
		case a := <-answers:
			if a.err != nil && isLost(a.err) && f.ended() != nil {
				return none, f.ended()
			}
			return a.value, a.err
		case <-f.done:
			return none, f.ended()
		case <-ctx.Done():
			go await(f, answers, late)
			return none, context.Cause(ctx)
		case <-patience.timer.C:
			if patience.over() {
				f.end(fault.New(fault.Timeout, "the sftp server does not answer"))
			}
		}
	}
}

type answer[T any] struct {
	value T
	err   error
}

// guarded turns a panic of the library into an error.
func guarded[T any](request func() (T, error)) (a answer[T]) {
	defer func() {
		if r := recover(); r != nil {
			a.err = fault.New(fault.Protocol, "the sftp server sent what makes no sense: %.200q", fmt.Sprint(r))
		}
	}()
	a.value, a.err = request()
	return a
}

// await waits for the answer of a request whose caller has gone.
func await[T any](f *FS, answers <-chan answer[T], late func(T) error) {
	timer := time.NewTimer(f.times.grace)
	defer timer.Stop()
	select {
	case a := <-answers:
		if a.err == nil && late != nil {
			_ = late(a.value)
		}
	case <-f.done:
	case <-timer.C:
		f.end(fault.New(fault.Timeout, "the sftp server did not answer after a cancelled request"))
	}
}

// patience is how long a request may take: as long as bytes arrive, up to a
// limit. On a slow link many requests wait their turn.
type patience struct {
	wire  *wire
	times times
	start time.Time
	timer *time.Timer
}

func newPatience(f *FS, t times) *patience {
	return &patience{f.wire, t, time.Now(), time.NewTimer(min(t.quiet, t.call))}
}

func (p *patience) stop() { p.timer.Stop() }

// over tells whether it is used up; else the timer is set again.
func (p *patience) over() bool {
	now := time.Now()
	since := p.wire.lastRead()
	if since.Before(p.start) {
		since = p.start
	}
	left := min(p.times.quiet-now.Sub(since), p.times.call-now.Sub(p.start))
	if left <= 0 {
		return true
	}
	p.timer.Reset(left)
	return false
}

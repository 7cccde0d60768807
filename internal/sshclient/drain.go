package sshclient

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
)

// drain moves one output stream of a command to its writer. It goes on reading
// when the writer fails, is muted or is missing.
type drain struct {
	link *link

	lock    chan struct{} // holds a token while w is used
	w       io.Writer     // nil discards; guarded by lock
	failure error         // of w; guarded by lock

	bytes   atomic.Uint64
	writing atomic.Bool
	cut     atomic.Bool // the stream ended because the link did
}

func newDrain(w io.Writer, l *link) *drain {
	return &drain{w: w, link: l, lock: make(chan struct{}, 1)}
}

const (
	smallBuffer = 2 << 10  // bytes; enough for most commands
	largeBuffer = 32 << 10 // bytes; one packet (RFC 4253, section 6.1)
)

var largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}

// run reads until the stream ends. It takes a large buffer once a small one was
// filled, so a thousand quiet commands do not hold a thousand large ones.
func (d *drain) run(r io.Reader) {
	buf := make([]byte, smallBuffer)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			d.bytes.Add(uint64(n))
			d.put(buf[:n])
		}
		if err != nil {
			// The link is marked as broken before anybody can see the end
			// of a stream that the break causes.
			d.cut.Store(d.link.broken.Load())
			return
		}
		if n == smallBuffer && len(buf) == smallBuffer {
			large := largeBuffers.Get().(*[largeBuffer]byte)
			defer largeBuffers.Put(large)
			buf = large[:]
		}
	}
}

func (d *drain) put(p []byte) {
	d.lock <- struct{}{}
	defer func() { <-d.lock }()
	if d.w == nil {
		return
	}
	d.writing.Store(true)
	defer d.writing.Store(false)
	if err := safeWrite(d.w, p); err != nil {
		d.failure, d.w = err, nil
	}
}

// safeWrite takes a panic of the writer as its error: it works on bytes of the
// other side.
func safeWrite(w io.Writer, p []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	_, err = w.Write(p)
	return err
}

// mute makes sure that the writer is not used any more. A writer that blocks
// just now is given 50 ms.
func (d *drain) mute() {
	patience := time.NewTimer(50 * time.Millisecond)
	defer patience.Stop()
	select {
	case d.lock <- struct{}{}:
		d.w = nil
		<-d.lock
	case <-patience.C:
	}
}

// writeError is what the writers of a command reported.
func (p *Process) writeError() error {
	for _, d := range []*drain{p.stdout, p.stderr} {
		select {
		case d.lock <- struct{}{}:
			err := d.failure
			<-d.lock
			if err != nil {
				return fault.Wrap(fault.Failed, err, "cannot keep the output of the command")
			}
		default: // still in use, muted in vain
		}
	}
	return nil
}

// awaitOutput waits for the rest of the output after the exit status. A child
// in the background may hold the pipes for ever: once nothing has come for a
// while, and a round trip shows that nothing is on its way, it is over.
func (p *Process) awaitOutput(ctx context.Context, exit command.Exit) error {
	timer := time.NewTimer(quietTime)
	defer timer.Stop()
	for asked := false; ; {
		before := p.activity()
		select {
		case <-p.drained:
			return p.cutShort(exit)
		case <-ctx.Done():
			return p.client.stopped(ctx)
		case <-timer.C:
		}
		quiet := p.activity() == before && !p.stdout.writing.Load() && !p.stderr.writing.Load()
		switch {
		case quiet && asked:
			return nil
		case quiet:
			asked = p.roundTrip(ctx)
		default:
			asked = false
		}
		timer.Reset(quietTime / 2)
		if !asked {
			timer.Reset(quietTime)
		}
	}
}

func (p *Process) activity() uint64 { return p.stdout.bytes.Load() + p.stderr.bytes.Load() }

// roundTrip tells whether the server answered and sent nothing before that.
func (p *Process) roundTrip(ctx context.Context) (quiet bool) {
	before := p.activity()
	answered := make(chan error, 1)
	go func() { answered <- p.client.ping() }()
	select {
	case err := <-answered:
		return err == nil && p.activity() == before
	case <-p.drained:
	case <-ctx.Done():
	}
	return false
}

// cutShort is the error of output that ended with the link and not by itself.
func (p *Process) cutShort(exit command.Exit) error {
	if !p.stdout.cut.Load() && !p.stderr.cut.Load() {
		return nil
	}
	return fault.New(fault.Lost, "the command ended with %d, but the link broke before all of its output arrived", exit.Code)
}

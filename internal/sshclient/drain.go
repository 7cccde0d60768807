package sshclient

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

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
// just now is given 25 ms.
func (d *drain) mute() {
	patience := time.NewTimer(25 * time.Millisecond)
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

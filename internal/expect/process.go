package expect

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gofab/internal/fault"
)

const (
	// DefaultTimeout is the limit of a wait that names none.
	DefaultTimeout = 30 * time.Second
	// Settle is how long output rests before it counts as paused.
	Settle = 50 * time.Millisecond
	// MaxBuffer is how much output a wait keeps.
	MaxBuffer = 4 << 20
	// unseen is how much output may wait in memory for somebody to look at
	// it; the rest stays in the stream, and who writes it waits.
	unseen = 1 << 20
)

// Options are what a dialogue is held with. The zero value is ready.
type Options struct {
	Name    string        // in errors: what runs
	Host    string        // in errors: where
	Timeout time.Duration // of waits that name none; 0 is DefaultTimeout
	Settle  time.Duration // 0 is Settle
	Buffer  int           // bytes; 0 is MaxBuffer
	// Redact hides secrets in errors and traces.
	Redact func(string) string
	// Trace gets, for each wait, what was in the buffer and what matched.
	Trace func(string)
}

// Process is a stream with the output that has not been taken yet. Several
// goroutines may use it; a wait sees all output, so two waits at once share it
// by chance.
type Process struct {
	stream Stream
	opts   Options

	mu       sync.Mutex
	room     *sync.Cond // the pump waits for it
	buf      buffer
	seen     int64 // somebody has looked at everything before
	arrived  time.Time
	ended    bool  // no more output comes
	cause    error // why, unless the stream just ended
	draining int   // waits that want the output gone
	watchers []chan struct{}
	rules    []Rule

	sets    map[string]*automaton // of lists used before
	pumped  chan struct{}
	closing atomic.Bool
	closed  chan struct{} // everything is gone
	onClose []func()

	taps    sync.RWMutex
	tapList []*Tap
	recent  recent // written by the pump alone

	sending chan struct{} // a lock that a context can give up waiting for
	line    int           // bytes of the unfinished line that was sent
}

// New begins a dialogue on a stream, which belongs to the process from now on.
func New(s Stream, o Options) *Process {
	o.Timeout = defaulted(o.Timeout, DefaultTimeout)
	o.Settle = defaulted(o.Settle, Settle)
	o.Buffer = defaulted(o.Buffer, MaxBuffer)
	if o.Redact == nil {
		o.Redact = func(text string) string { return text }
	}
	p := &Process{
		stream: s, opts: o, buf: buffer{max: o.Buffer}, sets: map[string]*automaton{},
		pumped: make(chan struct{}), closed: make(chan struct{}), sending: make(chan struct{}, 1),
	}
	p.room = sync.NewCond(&p.mu)
	go p.pump()
	return p
}

func defaulted[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Name is what runs, for people.
func (p *Process) Name() string { return p.opts.Name }

// Host is where it runs, "" for this machine.
func (p *Process) Host() string { return p.opts.Host }

// Stream is the other side, for what only some streams can do.
func (p *Process) Stream() Stream { return p.stream }

// String is how a process prints.
func (p *Process) String() string { return p.opts.Redact(p.opts.Name) }

// pump moves output from the stream to the buffer.
func (p *Process) pump() {
	defer close(p.pumped)
	piece := make([]byte, 64<<10)
	for {
		n, err := p.stream.Read(piece)
		if n > 0 {
			p.tell(Output, piece[:n])
			p.put(piece[:n])
		}
		if err != nil {
			p.finish(err)
			return
		}
	}
}

func (p *Process) put(piece []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.buf.end()-max(p.seen, p.buf.base) >= unseen && p.draining == 0 && !p.closing.Load() {
		p.room.Wait()
	}
	if p.draining > 0 {
		p.seen = p.buf.end()
	}
	p.buf.add(piece)
	p.buf.trim(max(p.seen, p.buf.base))
	p.arrived = time.Now()
	p.wake()
}

func (p *Process) finish(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if !isEnd(err) && !p.closing.Load() {
		p.cause = err
	}
	p.wake()
}

// wake tells all who wait that something has changed. The lock is held.
func (p *Process) wake() {
	for _, w := range p.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// watch gives a channel that is told of changes until stop is called.
func (p *Process) watch(w chan struct{}) (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers = append(p.watchers, w)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.watchers = slices.DeleteFunc(p.watchers, func(c chan struct{}) bool { return c == w })
	}
}

// look says that everything before a place has been looked at. The lock is
// held.
func (p *Process) look(at int64) {
	if at > p.seen {
		p.seen = at
		p.room.Broadcast()
	}
}

// take removes the output before a place. The lock is held.
func (p *Process) take(to int64) {
	p.buf.take(to)
	p.buf.lost = 0
	p.look(to)
	p.room.Broadcast()
}

// Pending gives the output that no match has taken yet.
func (p *Process) Pending() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.between(p.buf.base, p.buf.end())
}

// Clear drops the output that has come so far and gives it.
func (p *Process) Clear() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.buf.between(p.buf.base, p.buf.end())
	p.take(p.buf.end())
	return text
}

// Hold puts output back in front of what is pending: that of a screen or a
// person's session which handed the dialogue over.
func (p *Process) Hold(text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := bytes.Clone(p.buf.from(p.buf.base))
	p.buf.data, p.buf.off = append(bytes.Clone(text), rest...), 0
	p.buf.base -= int64(len(text))
	p.wake()
}

// Drain keeps the output moving although nobody waits for a pattern, until
// stop is called: the newest of it is kept.
func (p *Process) Drain() (stop func()) {
	p.drain(1)
	return sync.OnceFunc(func() { p.drain(-1) })
}

func (p *Process) drain(by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining += by
	p.room.Broadcast()
}

// Close ends the dialogue: the stream is closed, and with it the program. It
// may be called again.
func (p *Process) Close() error {
	if p.closing.Swap(true) {
		<-p.closed
		return nil
	}
	defer close(p.closed)
	err := p.stream.Close()
	p.mu.Lock()
	p.room.Broadcast()
	last := p.onClose
	p.mu.Unlock()
	<-p.pumped
	for _, f := range last {
		f()
	}
	return err
}

// OnClose has a function called at the end of Close.
func (p *Process) OnClose(f func()) {
	p.mu.Lock()
	p.onClose = append(p.onClose, f)
	p.mu.Unlock()
}

// Wait waits for the end of the program and gives how it ended. Its output is
// kept moving.
func (p *Process) Wait(ctx context.Context) (Exit, error) {
	program, ok := p.stream.(Program)
	if !ok {
		return Exit{}, p.fault(fault.New(fault.Unsupported, "there is no program to wait for"))
	}
	defer p.Drain()()
	exit, err := program.Wait(ctx)
	if err != nil {
		return exit, p.readFault(err)
	}
	return exit, nil
}

// OutputEnded tells whether no more output comes. A program may still run then:
// most are about to end.
func (p *Process) OutputEnded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// Alive tells whether there is a program that runs, or a stream that is open.
func (p *Process) Alive() bool {
	if program, ok := p.stream.(Program); ok {
		select {
		case <-program.Done():
			return false
		default:
			return !p.closing.Load()
		}
	}
	return !p.OutputEnded() && !p.closing.Load()
}

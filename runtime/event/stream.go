package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gofab/internal/secret"
)

// Sink receives the events of a run in their order, one call at a time. The
// first error ends its part in the run. A sink never emits.
type Sink interface {
	// Handle takes one event. It may keep what it has to write for Flush.
	Handle(Entry) error
	// Flush writes what is kept. It is called whenever no event is waiting.
	Flush() error
}

// Finisher is a sink with something to write at the end of the run, such as a
// report. It is called once, and nothing follows that belongs to the report.
type Finisher interface{ Finish() error }

// Options of a stream. The zero value of a field is its default.
type Options struct {
	Sinks    []Sink
	Redactor *secret.Redactor // hides the secrets of the run
	Clock    func() time.Time // default time.Now
	// Instead gives the sink that takes over from one that has failed, or nil.
	Instead func(failed Sink, err error) Sink
	// Limit bounds the memory of events that wait for the sinks, in bytes;
	// default 16 MiB.
	Limit int
	// Pace is the least time between two rounds of writing: 50 ms keeps a
	// status line calm. The default is no wait.
	Pace time.Duration
	// Tick calls Flush also when nothing happens, for a status line that tells
	// the time. The default is never.
	Tick time.Duration
}

// Stream brings events from many goroutines to the sinks. Emitters don't wait
// for the sinks unless Limit is reached, and no longer than the run's context
// lasts; then lines of output are counted instead of kept.
type Stream struct {
	ctx   context.Context
	opts  Options
	wake  chan struct{} // something is queued
	end   chan struct{} // closed by Close
	hurry chan struct{} // somebody waits: cut the pace short
	done  chan struct{} // the writing goroutine has ended
	errs  []error       // one per sink; like the sinks owned by the writing goroutine
	ended bool          // the sinks have finished; owned by the writing goroutine

	mu      sync.Mutex
	queue   []item
	size    int           // of the texts in the queue
	space   chan struct{} // closed when the queue was taken
	seq     uint64
	dropped int
	closed  bool
}

// item is an event, or work between two events on the goroutine that serves the
// sinks.
type item struct {
	entry Entry
	do    func()
}

// entryOverhead is about what an event costs besides its texts.
const entryOverhead = 256

// New starts a stream for the run that lives as long as ctx. Close ends it.
func New(ctx context.Context, opts Options) *Stream {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Limit == 0 {
		opts.Limit = 16 << 20
	}
	s := &Stream{
		ctx: ctx, opts: opts, errs: make([]error, len(opts.Sinks)),
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		end: make(chan struct{}), done: make(chan struct{}), space: make(chan struct{}),
	}
	go s.write()
	return s
}

// Emit puts an event at the end of the stream. After Close it does nothing.
func (s *Stream) Emit(e Event) { s.emit(e, Original) }

func (s *Stream) emit(e Event, echo Echo) {
	size := entryOverhead
	e = e.each(func(_, text string) string {
		text = s.opts.Redactor.Redact(text)
		size += len(text)
		return text
	})
	_, output := e.(Output)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.admits(echo) && output {
		s.dropped++
		return
	}
	s.size += size
	s.seq++
	s.push(item{entry: Entry{Seq: s.seq, Time: s.opts.Clock(), Event: e, Echo: echo}})
}

// admits waits for room, but not with work that may be what makes room.
func (s *Stream) admits(echo Echo) bool {
	if echo != Original {
		return s.size < s.opts.Limit
	}
	return s.room()
}

// room waits until the queue is below its limit. It is false when the run
// ended first. It gives up the lock while it waits.
func (s *Stream) room() bool {
	for s.size >= s.opts.Limit && !s.closed {
		if s.ctx.Err() != nil {
			return false
		}
		space := s.space
		s.mu.Unlock()
		select {
		case <-space:
		case <-s.ctx.Done():
		}
		s.mu.Lock()
	}
	return true
}

// push needs the lock.
func (s *Stream) push(it item) {
	if s.closed {
		return
	}
	s.queue = append(s.queue, it)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Flush waits until everything emitted so far has been written.
func (s *Stream) Flush(ctx context.Context) error {
	return s.between(ctx, func() { s.serve(Sink.Flush) })
}

// Finish has every sink come to its end: reports are written, files complete.
// It returns the errors of all sinks so far. Later events still reach sinks that
// show them live.
func (s *Stream) Finish(ctx context.Context) error {
	var failed error
	if err := s.between(ctx, func() { s.finish(); failed = errors.Join(s.errs...) }); err != nil {
		return err
	}
	return failed
}

// Attach adds a sink that gets the events from here on.
func (s *Stream) Attach(sink Sink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push(item{do: func() {
		s.opts.Sinks = append(slices.Clone(s.opts.Sinks), sink)
		s.errs = append(s.errs, nil)
	}})
}

// Hold waits like Flush and then keeps the sinks silent, and the status line
// away, until release is called: a prompt has the terminal for itself. It holds
// nothing when it fails. Release may be called more than once.
func (s *Stream) Hold(ctx context.Context) (release func(), err error) {
	reached, resume := make(chan struct{}), make(chan struct{})
	release = sync.OnceFunc(func() { close(resume) })
	err = s.queueWork(ctx, reached, func() {
		s.serve(Sink.Flush)
		s.serve(pause)
		close(reached)
		<-resume
	})
	if err != nil {
		release()
		return func() {}, err
	}
	return release, nil
}

// between waits until the sinks have had all events so far and work is done.
func (s *Stream) between(ctx context.Context, work func()) error {
	reached := make(chan struct{})
	return s.queueWork(ctx, reached, func() {
		work()
		close(reached)
	})
}

// queueWork queues work and waits until it has closed reached.
func (s *Stream) queueWork(ctx context.Context, reached <-chan struct{}, work func()) error {
	s.mu.Lock()
	s.push(item{do: work})
	s.mu.Unlock()
	s.rush()
	select {
	case <-reached:
		return nil
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Stream) rush() {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
}

// Close writes what is left and ends the stream. It returns the errors of the
// sinks, or that of ctx when a sink does not come to its end in time.
func (s *Stream) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.dropped > 0 {
		s.seq++
		text := fmt.Sprintf("%s of output not shown: the terminal was too slow for an ending run", plural(s.dropped, "line"))
		s.push(item{entry: Entry{Seq: s.seq, Time: s.opts.Clock(), Event: Warning{Text: text}}})
		s.dropped = 0
	}
	if !s.closed {
		s.closed = true
		close(s.end)
		close(s.space)
	}
	s.mu.Unlock()
	select {
	case <-s.done:
		return errors.Join(s.errs...)
	case <-ctx.Done():
		return ctx.Err()
	}
}

package extend

import (
	"cmp"
	"context"
	"io"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/termsafe"
	"gofab/runtime/event"
)

// Late is a sink for a renderer that is not declared yet: it keeps the events
// until there is one. A goroutine of its own calls the renderer, so that it may
// use all that a script can. When it is slow the stream waits.
type Late struct {
	Name     string
	Out      io.Writer
	Terminal bool       // Out is one: what goes there is made safe
	Instead  event.Sink // shows the run when it ends without the renderer

	mu      sync.Mutex
	changed *sync.Cond
	queue   []event.Entry
	show    *Renderer
	ctx     context.Context
	cancel  context.CancelFunc
	failed  error
	lost    error // what the renderer printed and could not be written
	ending  bool
	done    bool
}

// queueLimit is how many events wait for a renderer, once there is one.
const queueLimit = 2000

// endLimit is how long a renderer may take for what is left at the end.
const endLimit = 5 * time.Second

// NewLate makes a sink that waits for a renderer.
func NewLate(name string, out io.Writer, terminal bool, instead event.Sink) *Late {
	l := &Late{Name: name, Out: out, Terminal: terminal, Instead: instead}
	l.changed = sync.NewCond(&l.mu)
	return l
}

// Begin gives the sink its renderer.
func (l *Late) Begin(ctx context.Context, env *kit.Env, r *Renderer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.show != nil {
		return
	}
	own := *env
	own.Events = &page{late: l}
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.show, l.ctx = r, event.Handling(kit.WithEnv(ctx, &own), event.Rendered)
	go l.serve()
}

// Handle queues an event.
func (l *Late) Handle(e event.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.show != nil && l.failed == nil && len(l.queue) >= queueLimit {
		l.changed.Wait()
	}
	if l.failed == nil && e.Echo != event.Rendered {
		l.queue = append(l.queue, e)
		l.changed.Broadcast()
	}
	return l.failed
}

// Flush leaves writing to the renderer.
func (l *Late) Flush() error { return nil }

// Finish waits until the renderer has come to its end.
func (l *Late) Finish() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.show == nil {
		return l.giveUp()
	}
	l.ending = true
	l.changed.Broadcast()
	limit := time.AfterFunc(endLimit, l.cancel)
	defer limit.Stop()
	for !l.done {
		l.changed.Wait()
	}
	l.cancel()
	return l.failed
}

// giveUp shows the run without the renderer: most likely it failed to load.
func (l *Late) giveUp() error {
	for _, e := range l.queue {
		if err := l.Instead.Handle(e); err != nil {
			return err
		}
	}
	l.queue = nil
	return l.Instead.Flush()
}

// serve calls the renderer for one event after the other.
func (l *Late) serve() {
	err := l.call(l.show.Start)
	for err == nil {
		batch := l.next()
		if batch == nil {
			err = l.call(l.show.Finish)
			break
		}
		for _, e := range batch {
			if err = l.call(l.show.Event, event.Table(e)); err != nil {
				break
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed, l.done, l.queue = err, true, nil
	l.changed.Broadcast()
}

// next takes what is queued, nil at the end.
func (l *Late) next() []event.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) == 0 && !l.ending {
		l.changed.Wait()
	}
	batch := l.queue
	l.queue = nil
	l.changed.Broadcast()
	return batch
}

func (l *Late) call(f kit.Callback, args ...any) error {
	if f.IsZero() {
		return nil
	}
	_, err := f.Call(l.ctx, args...)
	l.mu.Lock()
	defer l.mu.Unlock()
	return cmp.Or(l.lost, err)
}

// lose ends the renderer: what it prints reaches nobody.
func (l *Late) lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = err
	l.cancel()
}

// page is the door to the events for a renderer: what it prints is its output,
// and of what it does besides nobody is told.
type page struct{ late *Late }

func (p *page) Print(_, text string) {
	if p.late.Terminal {
		text = termsafe.Colour(text)
	}
	if _, err := io.WriteString(p.late.Out, text); err != nil {
		p.late.lose(err)
	}
}

func (p *page) Flush()                                                        {}
func (p *page) Log(_, _, _ string, _ map[string]any)                          {}
func (p *page) CommandStart(_, _, _ string, _ bool)                           {}
func (p *page) Line(_, _, _ string)                                           {}
func (p *page) CommandEnd(_, _ string, _ int, _ bool, _ time.Duration, _ int) {}
func (p *page) Progress(_, _ string, _, _ int64, _ bool)                      {}

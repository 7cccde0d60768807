package hooks

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/event"
)

type listenArgs struct {
	Event string       `lua:"event,arg1" doc:"Name of the events, as in -o jsonl; \"*\" is all."`
	Body  kit.Callback `lua:"body,last" doc:"The handler: function(event)."`
}

func listen(c *kit.Call, a listenArgs) (kit.None, error) {
	if known := append(event.EventNames(), Any); !slices.Contains(known, a.Event) {
		e := fault.New(fault.Usage, "there is no event %q", a.Event)
		if near := suggest.Nearest(a.Event, known); near != "" {
			e.Message += " (did you mean \"" + near + "\"?)"
		}
		return kit.None{}, e.WithHint("gofab doc on lists them")
	}
	Of(c.Env).listen(c.Env, a.Event, a.Body)
	return kit.None{}, nil
}

// Any stands for all events.
const Any = "*"

// listener is the sink that hands events to handlers. It keeps those that
// somebody hears of in a queue of its own, which a goroutine of its own serves,
// so that a slow handler holds nothing up.
type listener struct {
	events *event.Stream
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	handlers []handler
	queue    []event.Entry
	lost     int
	busy     bool
	idle     chan struct{} // closed when nothing waits; nil while nobody waits for that
	closed   bool
}

type handler struct {
	event string
	call  kit.Callback
}

// limit bounds what waits for handlers, in events.
const limit = 50_000

func (s *Set) listen(env *kit.Env, name string, call kit.Callback) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		own := *env
		own.Events = &aside{Events: env.Events, stream: s.events}
		ctx, cancel := context.WithCancel(context.WithoutCancel(s.ctx))
		s.listener = &listener{events: s.events, ctx: event.Handling(kit.WithEnv(ctx, &own), event.Handled), cancel: cancel}
		s.events.Attach(s.listener)
	}
	l := s.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handlers = append(l.handlers[:len(l.handlers):len(l.handlers)], handler{name, call})
}

// Handle keeps an event that somebody hears of. Echoes reach nobody.
func (l *listener) Handle(e event.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case e.Echo != event.Original || l.closed || !slices.ContainsFunc(l.handlers, func(h handler) bool { return h.hears(e) }):
		return nil
	case len(l.queue) >= limit:
		l.lost++
		return nil
	}
	l.queue = append(l.queue, e)
	if !l.busy {
		l.busy = true
		go l.serve()
	}
	return nil
}

func (h handler) hears(e event.Entry) bool { return h.event == Any || h.event == e.Event.Name() }

// Flush has nothing to write.
func (l *listener) Flush() error { return nil }

// serve handles events until none is left.
func (l *listener) serve() {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.busy = false
			if l.idle != nil {
				close(l.idle)
				l.idle = nil
			}
			l.mu.Unlock()
			return
		}
		batch, handlers := l.queue, l.handlers
		l.queue = nil
		l.mu.Unlock()
		for _, e := range batch {
			if l.ctx.Err() == nil {
				l.handle(handlers, e)
			}
		}
	}
}

func (l *listener) handle(handlers []handler, e event.Entry) {
	var table map[string]any
	for _, h := range handlers {
		if !h.hears(e) {
			continue
		}
		if table == nil {
			table = event.Table(e)
		}
		if _, err := h.call.Call(l.ctx, table); err != nil {
			failed := *fault.From(err)
			if failed.Where == "" {
				failed.Where = h.call.Where()
			}
			if failed.Op == "" {
				failed.Op = "on " + e.Event.Name()
			}
			l.events.EmitEcho(event.Warning{Text: failed.Error(), Hint: failed.Hint})
		}
	}
}

// Settle waits until the handlers have had all events so far. When the run was
// interrupted they have a little time left.
func (s *Set) Settle() {
	if s == nil {
		return // the run did not come that far
	}
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		return
	}
	ctx, done := context.WithCancel(context.WithoutCancel(s.ctx))
	defer done()
	defer context.AfterFunc(s.ctx, func() { cancelLater(ctx, done) })()
	_ = s.events.Flush(ctx)
	l.settle(ctx)
}

// cancelLater ends ctx when the grace is over, if nobody else does.
func cancelLater(ctx context.Context, cancel func()) {
	ctx, stop := context.WithTimeout(ctx, grace)
	defer stop()
	<-ctx.Done()
	cancel()
}

func (l *listener) settle(ctx context.Context) {
	l.mu.Lock()
	if !l.busy {
		l.tellLost()
		l.mu.Unlock()
		return
	}
	if l.idle == nil {
		l.idle = make(chan struct{})
	}
	idle := l.idle
	l.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
		l.cancel()
		<-idle // what runs ends with its context
	}
	l.mu.Lock()
	l.tellLost()
	l.mu.Unlock()
}

// tellLost needs the lock.
func (l *listener) tellLost() {
	if l.lost > 0 {
		l.events.EmitEcho(event.Warning{Text: fmt.Sprintf("handlers of events were too slow: %d events reached none", l.lost)})
		l.lost = 0
	}
}

// Close ends the handlers.
func (s *Set) Close() error {
	if s == nil {
		return nil
	}
	s.Settle()
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l != nil {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		l.cancel()
	}
	return nil
}

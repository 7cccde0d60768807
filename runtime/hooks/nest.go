package hooks

import (
	"context"
	"maps"
	"slices"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
)

// work is one piece of work that hooks are around; it gives an R.
type work[R any] struct {
	set  *Set
	what func() map[string]any                                      // what hooks get; a fresh table for each
	more func(R) map[string]any                                     // what after hooks get besides; may be nil
	give func(R) any                                                // what the function of around hooks gives
	take func(h *hook, ran bool, result R, returned any) (R, error) // what became of it; may be nil
}

// run does the work.
type run[R any] func(ctx context.Context) (R, error)

// nest puts hooks around the work, the first one outermost.
func (w *work[R]) nest(hooks []*hook, do run[R]) run[R] {
	for _, h := range slices.Backward(hooks) {
		inner := do
		switch h.when {
		case before:
			do = func(ctx context.Context) (R, error) { return w.before(ctx, h, inner) }
		case after:
			do = func(ctx context.Context) (R, error) { return w.after(ctx, h, inner) }
		case around:
			do = func(ctx context.Context) (R, error) { return w.around(ctx, h, inner) }
		}
	}
	return do
}

func (w *work[R]) before(ctx context.Context, h *hook, inner run[R]) (R, error) {
	if _, err := h.call.Call(inside(ctx, h.kind), w.what()); err != nil {
		var none R
		return none, h.fail(err)
	}
	return inner(ctx)
}

// after calls the hook whatever happened. When both fail, the work's own error
// counts and that of the hook is a warning.
func (w *work[R]) after(ctx context.Context, h *hook, inner run[R]) (R, error) {
	began := time.Now()
	result, err := inner(ctx)
	what := w.what()
	what["state"], what["error"], what["duration"] = string(host.StateOf(err)), err, time.Since(began)
	if w.more != nil {
		maps.Copy(what, w.more(result))
	}
	late, done := w.set.late(ctx, h.kind)
	defer done()
	_, failed := h.call.Call(inside(late, h.kind), what)
	switch {
	case failed == nil || fault.KindOf(failed) == fault.Cancelled && late.Err() != nil:
		return result, err
	case err == nil:
		return result, h.fail(failed)
	}
	w.set.events.EmitEcho(event.Warning{Host: kit.HostOf(ctx), Text: h.fail(failed).Error()})
	return result, err
}

// around gives the hook the work as a function.
func (w *work[R]) around(ctx context.Context, h *hook, inner run[R]) (R, error) {
	var result R
	var failed error
	ran := false
	returned, err := h.call.Call(inside(ctx, h.kind), w.what(), kit.Function{Call: func(c *kit.Call, _ []any) (any, error) {
		if ran {
			return nil, fault.New(fault.Usage, "an around hook can do the work once only")
		}
		ran = true
		if result, failed = inner(c.Context); failed != nil {
			return nil, failed
		}
		return w.give(result), nil
	}})
	switch {
	case err != nil && failed != nil && fault.From(err).Message == fault.From(failed).Message:
		return result, failed // it went through
	case err != nil:
		return result, h.fail(err)
	case w.take == nil:
		return result, nil
	}
	var value any
	if len(returned) > 0 {
		value = returned[0]
	}
	result, err = w.take(h, ran, result, value)
	return result, h.fail(err)
}

type insideKey struct{}

// inside marks ctx as that of a hook, so that a command hook is not called for
// what command hooks run.
func inside(ctx context.Context, kind string) context.Context {
	if kind != Command {
		return ctx
	}
	return context.WithValue(ctx, insideKey{}, true)
}

// grace is what hooks and handlers have after a run was interrupted.
const grace = 5 * time.Second

// late gives a context for what comes after work whose own time is over. The
// end of the run ends it, and what comes after the run has a little more time.
func (s *Set) late(ctx context.Context, kind string) (context.Context, func()) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	free := context.WithoutCancel(ctx)
	if kind == Run {
		return context.WithTimeout(free, grace)
	}
	free, cancel := context.WithCancelCause(free)
	unwatch := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	return free, func() { unwatch(); cancel(nil) }
}

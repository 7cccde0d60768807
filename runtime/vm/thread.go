package vm

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// thread is one Lua thread with its context. It hangs on its Lua state (and on
// the coroutines that run inside it) as the state's context.
//
// gopher-lua asks the context's Done before every instruction. A real
// context's channel costs a third of the speed there; a nil channel costs next
// to nothing. So Done is nil until the real context has ended.
type thread struct {
	vm      *VM
	real    context.Context
	env     *kit.Env
	stopped atomic.Bool
}

var closedChannel = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

var errStopped = errors.New("cancelled")

// The face of a context that the interpreter loop sees.

func (t *thread) Done() <-chan struct{} {
	if t.stopped.Load() {
		return closedChannel
	}
	return nil
}

func (t *thread) Err() error {
	if t.stopped.Load() {
		return errStopped
	}
	return nil
}

// Deadline is not asked for by the interpreter.
func (t *thread) Deadline() (time.Time, bool) { return t.real.Deadline() }

func (t *thread) Value(key any) any { return t.real.Value(key) }

// The face that bindings see.

func (t *thread) Real() context.Context { return t.real }
func (t *thread) Env() *kit.Env         { return t.env }
func (t *thread) Unlock()               { t.vm.mu.Unlock() }

func (t *thread) Lock(L *lua.LState) {
	t.vm.mu.Lock()
	L.G.CurrentThread = L
}

func (t *thread) Spawn(ctx context.Context) (*lua.LState, func()) { return t.vm.Spawn(ctx) }

// Fault explains a failed call; when the context has ended, that is the
// reason, whatever the Lua said.
func (t *thread) Fault(L *lua.LState, err error) *fault.Error {
	e := kit.FromCall(L, err)
	if t.real.Err() == nil || e.Kind == fault.Timeout || e.Kind == fault.Cancelled {
		return e
	}
	cancelled := *contextFault(t.real)
	cancelled.Where, cancelled.Trace, cancelled.Host = e.Where, e.Trace, e.Host
	return &cancelled
}

func contextFault(ctx context.Context) *fault.Error {
	cause := fault.From(context.Cause(ctx))
	switch cause.Kind {
	case fault.Timeout, fault.Cancelled:
		copied := *cause
		if errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, context.Canceled) {
			copied.Message = map[fault.Kind]string{fault.Timeout: "time limit reached", fault.Cancelled: "cancelled"}[cause.Kind]
		}
		return &copied
	default:
		return fault.Wrap(fault.Cancelled, cause, "cancelled")
	}
}

// Spawn makes a thread under ctx and takes the interpreter lock; end gives it
// back.
func (vm *VM) Spawn(ctx context.Context) (L *lua.LState, end func()) {
	t := &thread{vm: vm, real: ctx, env: vm.env}
	if env := kit.EnvOf(ctx); env != nil {
		t.env = env
	}
	unwatch := context.AfterFunc(ctx, func() { t.stopped.Store(true) })
	vm.mu.Lock()
	previous := vm.main.G.CurrentThread
	L, _ = vm.main.NewThread()
	L.SetContext(t)
	L.G.CurrentThread = L
	return L, func() {
		L.G.CurrentThread = previous
		vm.mu.Unlock()
		unwatch()
	}
}

// threadOf finds the thread of a state.
func threadOf(L *lua.LState) *thread { return L.Context().(*thread) }

// released runs f with the interpreter lock dropped.
func released(L *lua.LState, f func()) {
	t := threadOf(L)
	t.Unlock()
	defer t.Lock(L)
	f()
}

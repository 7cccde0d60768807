package kit

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
)

// luaFunction is the Lua face of a declared function. op is its name as users
// write it: "dns.query", "host:run".
func (f *Func) luaFunction(op string) lua.LGFunction {
	return func(L *lua.LState) int {
		th := threadOf(L)
		c := &Call{Context: th.Real(), Env: th.Env(), Op: op, thread: th, state: L}
		first, self, err := f.receiver(L)
		var args reflect.Value
		if err == nil {
			args, err = f.params.arguments(L, first)
		}
		if err != nil {
			raise(L, c, fault.From(err).WithHint("gofab doc %s", strings.Replace(op, ":", ".", 1)))
		}
		th.Unlock()
		value, err := f.safely(c, self, args)
		th.Lock(L)
		if err != nil {
			raise(L, c, err)
		}
		return push(L, value)
	}
}

// receiver checks the object a method is called on. It comes before the
// arguments, so that h.run("x") is told to use a colon.
func (f *Func) receiver(L *lua.LState) (first int, self any, err error) {
	if f.self == nil {
		return 1, nil, nil
	}
	ud, ok := L.Get(1).(*lua.LUserData)
	if ok && reflect.TypeOf(ud.Value) == f.self {
		return 2, ud.Value, nil
	}
	class, _ := className(f.self)
	return 0, nil, fault.New(fault.Usage, "call it with a colon on a %s: x:%s(...), not x.%s(...)", class, f.Name, f.Name)
}

// safely calls the Go function, without the interpreter lock, so that other
// hosts' Lua goes on. A panic of a binding is our bug: it becomes an error of
// this call and does not end the other hosts' work.
func (f *Func) safely(c *Call, self any, args reflect.Value) (value any, err error) {
	defer asError(&err)
	return f.invoke(c, self, args)
}

func asError(err *error) {
	if r := recover(); r != nil {
		*err = fault.New(fault.Failed, "internal error: %v", r).
			WithHint("this is a bug in gofab; please report it with the script")
	}
}

// Callback is a Lua function given to Go. It may be called from any goroutine,
// during the call and after it; it takes the interpreter lock.
type Callback struct {
	fn     *lua.LFunction
	thread Thread
}

// IsZero says that no function was given.
func (cb Callback) IsZero() bool { return cb.fn == nil }

// Call runs the function on a thread of its own and gives its results as plain
// Go data. The error is a *fault.Error with the place in the user's file; its
// kind is cancelled or timeout when ctx has ended.
func (cb Callback) Call(ctx context.Context, args ...any) ([]any, error) {
	if err := ctx.Err(); err != nil {
		return nil, contextFault(ctx)
	}
	L, end := cb.thread.Spawn(ctx)
	defer end()
	L.Push(cb.fn)
	for _, arg := range args {
		L.Push(encode(L, reflect.ValueOf(arg)))
	}
	if err := L.PCall(len(args), lua.MultRet, nil); err != nil {
		return nil, threadOf(L).Fault(L, err)
	}
	results := make([]any, L.GetTop())
	for i := range results {
		value, err := toAny(L, L.Get(i+1), 0)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, err, "result %d of a function", i+1)
		}
		results[i] = value
	}
	return results, nil
}

// Where tells the place of the function in the user's file: "deploy.lua:12".
func (cb Callback) Where() string {
	if cb.fn == nil || cb.fn.Proto == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", cb.fn.Proto.SourceName, cb.fn.Proto.LineDefined)
}

func decodeCallback(L *lua.LState, v lua.LValue, into reflect.Value) error {
	fn, ok := v.(*lua.LFunction)
	if !ok {
		return want(false, "function", v)
	}
	into.Set(reflect.ValueOf(Callback{fn: fn, thread: threadOf(L)}))
	return nil
}

func encodeCallback(cb Callback) lua.LValue {
	if cb.fn == nil {
		return lua.LNil
	}
	return cb.fn
}

// contextFault names why a context ended.
func contextFault(ctx context.Context) *fault.Error {
	cause := context.Cause(ctx)
	if e, ok := cause.(*fault.Error); ok {
		copied := *e
		return &copied
	}
	if fault.KindOf(cause) == fault.Timeout {
		return fault.New(fault.Timeout, "time limit reached")
	}
	return fault.New(fault.Cancelled, "cancelled")
}

package kit

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
)

// Function is a Go function as a value that Lua calls, such as the run that an
// around hook gets. Like every binding it runs without the interpreter lock.
type Function struct {
	Name string // as messages show it
	Call func(c *Call, args []any) (any, error)
}

func encodeFunction(L *lua.LState, f Function) lua.LValue {
	return L.NewFunction(func(L *lua.LState) int {
		th := threadOf(L)
		c := &Call{Context: th.Real(), Env: th.Env(), Op: f.Name, thread: th, state: L}
		args := make([]any, L.GetTop())
		for i := range args {
			value, err := toAny(L, L.Get(i+1), 0)
			if err != nil {
				raise(L, c, fault.Wrap(fault.Usage, err, "argument %d", i+1))
			}
			args[i] = value
		}
		th.Unlock()
		value, err := f.safely(c, args)
		th.Lock(L)
		if err != nil {
			raise(L, c, err)
		}
		return push(L, value)
	})
}

func (f Function) safely(c *Call, args []any) (value any, err error) {
	defer asError(&err)
	return f.Call(c, args)
}

type envKey struct{}

// WithEnv has the Lua that runs under ctx share another Env than that of the
// run: what it prints and tells goes elsewhere.
func WithEnv(ctx context.Context, env *Env) context.Context {
	return context.WithValue(ctx, envKey{}, env)
}

// EnvOf gives the Env that ctx carries, nil when it is that of the run.
func EnvOf(ctx context.Context) *Env {
	env, _ := ctx.Value(envKey{}).(*Env)
	return env
}

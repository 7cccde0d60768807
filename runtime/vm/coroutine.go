package vm

import lua "github.com/yuin/gopher-lua"

// Coroutines live in the thread that made them and end with it: they get that
// thread as their context, in place of the plain child context that gopher-lua
// gives them.

func (vm *VM) openCoroutine(L *lua.LState) {
	library := vm.library(lua.CoroutineLibName)
	create := library.RawGetString("create").(*lua.LFunction).GFunction
	wrap := library.RawGetString("wrap").(*lua.LFunction).GFunction
	running := library.RawGetString("running").(*lua.LFunction).GFunction
	set(L, library, map[string]lua.LGFunction{
		"create": func(L *lua.LState) int {
			create(L)
			adopt(L, L.Get(-1))
			return 1
		},
		"wrap": func(L *lua.LState) int {
			wrap(L)
			adopt(L, L.Get(-1).(*lua.LFunction).Upvalues[0].Value())
			return 1
		},
		"running": func(L *lua.LState) int {
			if L.Parent == nil { // a host's own thread is nobody's coroutine
				L.Push(lua.LNil)
				return 1
			}
			return running(L)
		},
	})
}

// adopt gives a new coroutine the thread that it runs in.
func adopt(L *lua.LState, co lua.LValue) {
	co.(*lua.LState).SetContext(L.Context())
}

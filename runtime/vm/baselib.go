package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/luastr"
)

// openLibraries opens stock libraries and replaces what gofab does otherwise.
func (vm *VM) openLibraries() {
	L := vm.main
	libraries := []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable}, {lua.IoLibName, lua.OpenIo}, {lua.OsLibName, lua.OpenOs},
		{lua.StringLibName, lua.OpenString}, {lua.MathLibName, lua.OpenMath},
		{lua.DebugLibName, lua.OpenDebug}, {lua.CoroutineLibName, lua.OpenCoroutine},
	}
	for _, lib := range libraries {
		L.Push(L.NewFunction(lib.open))
		L.Push(lua.LString(lib.name))
		L.Call(1, 0)
	}
	vm.loaded = L.GetField(L.Get(lua.RegistryIndex), "_LOADED").(*lua.LTable)
	for _, replace := range []func(*lua.LState){
		vm.openBase, vm.openStrings, vm.openBytes, vm.openTables, vm.openCoroutine, vm.openOS, vm.openIO,
	} {
		replace(L)
	}
}

// library gives the table of a stock library.
func (vm *VM) library(name string) *lua.LTable {
	return vm.globals.RawGetString(name).(*lua.LTable)
}

// set replaces functions of a library table.
func set(L *lua.LState, table *lua.LTable, functions map[string]lua.LGFunction) {
	for name, f := range functions {
		table.RawSetString(name, L.NewFunction(f))
	}
}

func (vm *VM) openBase(L *lua.LState) {
	set(L, vm.globals, map[string]lua.LGFunction{
		"print":      print,
		"tostring":   func(L *lua.LState) int { L.CheckAny(1); L.Push(lua.LString(toString(L, L.Get(1)))); return 1 },
		"assert":     assert,
		"error":      raiseError(vm.globals.RawGetString("error").(*lua.LFunction).GFunction),
		"try":        try,
		"require":    vm.requireModule,
		"load":       vm.load,
		"loadstring": vm.loadString,
		"loadfile":   vm.loadFile,
		"dofile":     vm.doFile,
	})
	for _, name := range []string{"module", "newproxy", "_printregs"} {
		vm.globals.RawSetString(name, lua.LNil)
	}
}

// toString is tostring: numbers as PUC Lua writes them, __tostring honoured.
func toString(L *lua.LState, v lua.LValue) string {
	if n, ok := v.(lua.LNumber); ok {
		return luastr.NumberText(float64(n))
	}
	return L.ToStringMeta(v).String()
}

// print writes its arguments with tabs between, through the run's event
// stream, so that it never breaks a progress line and shows no secret.
func print(L *lua.LState) int {
	parts := make([]string, L.GetTop())
	for i := range parts {
		parts[i] = toString(L, L.Get(i+1))
	}
	write(L, strings.Join(parts, "\t")+"\n")
	return 0
}

// write sends text of the script to the event stream.
func write(L *lua.LState, text string) {
	t := threadOf(L)
	released(L, func() { t.Env().Events.Print(kit.HostOf(t.real), text) })
}

// assert raises its second argument as it is, which may be an error object.
func assert(L *lua.LState) int {
	if lua.LVAsBool(L.CheckAny(1)) {
		return L.GetTop()
	}
	if L.GetTop() < 2 {
		L.RaiseError("assertion failed!")
	}
	L.Error(L.Get(2), 1)
	return 0
}

// raiseError is error: a table with a message becomes an error object, so that
// whoever catches it finds kind, place and hint.
func raiseError(stock lua.LGFunction) lua.LGFunction {
	return func(L *lua.LState) int {
		if table, ok := L.Get(1).(*lua.LTable); ok {
			if object := kit.Raised(L, table); object != nil {
				L.Error(object, 1)
			}
		}
		return stock(L)
	}
}

// try calls a function. It gives its results, or nil and the error object. It
// does not swallow cancellation: the thread's Lua ends at once.
func try(L *lua.LState) int {
	if L.GetMetaField(L.Get(1), "__call") == lua.LNil { // inventory is a table that can be called
		L.CheckFunction(1)
	}
	n := L.GetTop()
	if err := L.PCall(n-1, lua.MultRet, nil); err != nil {
		e := threadOf(L).Fault(L, err)
		if e.Kind == fault.Cancelled && threadOf(L).stopped.Load() {
			L.Error(kit.ErrorObject(L, e), 1)
		}
		L.Push(lua.LNil)
		L.Push(kit.ErrorObject(L, e))
		return 2
	}
	return L.GetTop()
}

// Loading code: all of it goes through compile. A chunk that does not compile
// gives nil and the error, as in Lua.

func (vm *VM) pushChunk(L *lua.LState, source, name string) int {
	fn, err := vm.compile(L, source, name)
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	L.Push(fn)
	return 1
}

func (vm *VM) loadString(L *lua.LState) int {
	source := L.CheckString(1)
	return vm.pushChunk(L, source, chunkName(L.OptString(2, ""), source))
}

// load takes a string, or a function that gives the pieces.
func (vm *VM) load(L *lua.LState) int {
	if _, ok := L.Get(1).(lua.LString); ok {
		return vm.loadString(L)
	}
	reader := L.CheckFunction(1)
	var source strings.Builder
	for {
		L.Push(reader)
		L.Call(0, 1)
		piece, ok := L.Get(-1).(lua.LString)
		L.Pop(1)
		if !ok || piece == "" {
			break
		}
		source.WriteString(string(piece))
	}
	return vm.pushChunk(L, source.String(), chunkName(L.OptString(2, "=(load)"), ""))
}

func (vm *VM) loadFile(L *lua.LState) int {
	path := L.CheckString(1)
	source, err := readScript(path)
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	return vm.pushChunk(L, source, path)
}

func (vm *VM) doFile(L *lua.LState) int {
	path := L.CheckString(1)
	source, err := readScript(path)
	if err != nil {
		vm.raise(L, fault.From(err))
	}
	fn, err := vm.compile(L, source, path)
	if err != nil {
		vm.raise(L, fault.From(err))
	}
	top := L.GetTop()
	L.Push(fn)
	L.Call(0, lua.MultRet)
	return L.GetTop() - top
}

// chunkName makes a readable name of what load was given.
func chunkName(given, source string) string {
	if given != "" {
		return strings.TrimLeft(given, "=@")
	}
	line, _, _ := strings.Cut(source, "\n")
	if len(line) > 40 {
		line = line[:40] + "..."
	}
	return `[string "` + line + `"]`
}

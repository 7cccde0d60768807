package vm

import (
	"fmt"
	"sort"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Globals are strict. Reading one that was never set is an error that names
// the line, and so is setting a new one inside a function: nearly always a
// misspelt or forgotten local. A main chunk may set globals; that declares
// them. Modules appear at first use, without require.

func (vm *VM) makeStrict() {
	meta := vm.main.NewTable()
	meta.RawSetString("__index", vm.main.NewFunction(vm.missingGlobal))
	meta.RawSetString("__newindex", vm.main.NewFunction(vm.newGlobal))
	meta.RawSetString("__metatable", lua.LString("globals"))
	vm.globals.Metatable = meta
}

// missingGlobal loads a module on first use, or says that there is no such
// name.
func (vm *VM) missingGlobal(L *lua.LState) int {
	name, ok := L.Get(2).(lua.LString)
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	if value := vm.builtin(L, string(name)); value != lua.LNil {
		vm.globals.RawSetString(string(name), value)
		L.Push(value)
		return 1
	}
	e := fault.New(fault.Usage, "undeclared global %q", string(name))
	if near := suggest.Nearest(string(name), vm.globalNames()); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	} else {
		e.Hint = "declare it with local, or set it at the top of the file"
	}
	vm.raise(L, e)
	return 0
}

// newGlobal lets main chunks declare globals, and nobody else.
func (vm *VM) newGlobal(L *lua.LState) int {
	name := L.Get(2)
	if dbg, ok := L.GetStack(1); ok && !inMainChunk(L, dbg) {
		e := fault.New(fault.Usage, "assignment to undeclared global %q inside a function", name.String()).
			WithHint("write local %s = ..., or declare it at the top of the file", name.String())
		vm.raise(L, e)
	}
	vm.globals.RawSet(name, L.Get(3))
	return 0
}

func inMainChunk(L *lua.LState, dbg *lua.Debug) bool {
	_, err := L.GetInfo("S", dbg, lua.LNil)
	return err == nil && dbg.LineDefined == 0
}

// raise ends the running Lua with an error that names the user's line.
func (vm *VM) raise(L *lua.LState, e *fault.Error) {
	if e.Where == "" {
		e.Where = kit.Where(L)
	}
	L.Error(kit.ErrorObject(L, e), 1)
}

// builtin finds a name of gofab's own: a module, or a function of a global
// module. It is nil for others.
func (vm *VM) builtin(L *lua.LState, name string) lua.LValue {
	if m := vm.globalM[name]; m != nil {
		return vm.openModule(L, m).RawGetString(name)
	}
	return vm.loadBuiltin(L, name)
}

// globalNames lists what can be written as a global.
func (vm *VM) globalNames() []string {
	seen := map[string]bool{}
	vm.globals.ForEach(func(k, _ lua.LValue) { seen[k.String()] = true })
	for name := range vm.globalM {
		seen[name] = true
	}
	for _, name := range vm.builtinNames() {
		seen[name] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

package vm

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// require looks first at what is in the binary (Go modules, then Lua of the
// standard library), so that no file can take the place of one of those, then
// for a file beside the script and under lib/: "a.b" is a/b.lua or
// a/b/init.lua. A module is loaded once per run.

func (vm *VM) requireModule(L *lua.LState) int {
	name := L.CheckString(1)
	if value := vm.loaded.RawGetString(name); value != lua.LNil {
		L.Push(value)
		return 1
	}
	if value := vm.loadBuiltin(L, name); value != lua.LNil {
		L.Push(value)
		return 1
	}
	path, source := vm.findModule(L, name)
	L.Push(vm.runModule(L, name, source, path))
	return 1
}

// loadBuiltin gives a module of the binary, nil when there is none.
func (vm *VM) loadBuiltin(L *lua.LState, name string) lua.LValue {
	if value := vm.loaded.RawGetString(name); value != lua.LNil && (vm.modules[name] != nil || vm.hasStdlib(name)) {
		return value
	}
	if m := vm.modules[name]; m != nil {
		return vm.openModule(L, m)
	}
	if !vm.hasStdlib(name) {
		return lua.LNil
	}
	source, err := fs.ReadFile(vm.options.Stdlib, stdlibPath(name))
	if err != nil {
		return lua.LNil
	}
	value := vm.runModule(L, name, string(source), kit.StdlibPrefix+stdlibPath(name))
	if table, ok := value.(*lua.LTable); ok {
		kit.Strict(L, name, table)
	}
	return value
}

func stdlibPath(name string) string { return strings.ReplaceAll(name, ".", "/") + "/init.lua" }

func (vm *VM) hasStdlib(name string) bool {
	if vm.options.Stdlib == nil || !fs.ValidPath(stdlibPath(name)) {
		return false
	}
	_, err := fs.Stat(vm.options.Stdlib, stdlibPath(name))
	return err == nil
}

// builtinNames lists the modules of the binary.
func (vm *VM) builtinNames() []string {
	var names []string
	for name := range vm.modules {
		names = append(names, name)
	}
	if vm.options.Stdlib != nil {
		found, _ := fs.Glob(vm.options.Stdlib, "*/init.lua")
		for _, path := range found {
			names = append(names, strings.TrimSuffix(path, "/init.lua"))
		}
	}
	return names
}

// openModule opens a Go module once.
func (vm *VM) openModule(L *lua.LState, m *kit.Module) *lua.LTable {
	if table, ok := vm.loaded.RawGetString(m.Name).(*lua.LTable); ok {
		return table
	}
	table := m.Open(L)
	vm.loaded.RawSetString(m.Name, table)
	return table
}

// runModule runs a module's file. A file that requires itself on the way is an
// error; another thread that comes by meanwhile runs it as well.
func (vm *VM) runModule(L *lua.LState, name, source, path string) lua.LValue {
	if vm.loading[name] == threadOf(L) {
		vm.raise(L, fault.New(fault.Usage, "require %q goes in a circle", name).
			WithHint("move what both files need into a third one"))
	}
	vm.loading[name] = threadOf(L)
	defer delete(vm.loading, name)
	fn, err := vm.compile(L, source, path)
	if err != nil {
		vm.raise(L, fault.From(err))
	}
	L.Push(fn)
	L.Push(lua.LString(name))
	L.Call(1, 1)
	value := L.Get(-1)
	L.Pop(1)
	if value == lua.LNil {
		value = lua.LTrue
	}
	vm.loaded.RawSetString(name, value)
	return value
}

// findModule finds and reads a module's file, or says where it looked.
func (vm *VM) findModule(L *lua.LState, name string) (path, source string) {
	relative := filepath.FromSlash(strings.ReplaceAll(name, ".", "/"))
	if !filepath.IsLocal(relative) {
		vm.raise(L, fault.New(fault.Usage, "require %q: not a module name", name).
			WithHint(`write folders with dots, as in require "lib.nginx"`))
	}
	var tried []string
	for _, dir := range vm.options.Paths {
		for _, file := range []string{relative + ".lua", filepath.Join(relative, "init.lua")} {
			path := filepath.Join(dir, file)
			source, err := readScript(path)
			if err == nil {
				return path, source
			}
			if fault.KindOf(err) != fault.NotFound {
				vm.raise(L, fault.From(err))
			}
			tried = append(tried, path)
		}
	}
	vm.raise(L, fault.New(fault.NotFound, "no module %q", name).
		WithHint("looked in the binary and at %s", strings.Join(tried, ", ")))
	return "", ""
}

// AddPaths adds folders that require searches.
func (vm *VM) AddPaths(dirs ...string) {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	for _, dir := range dirs {
		if !slices.Contains(vm.options.Paths, dir) {
			vm.options.Paths = append(vm.options.Paths, dir)
		}
	}
}

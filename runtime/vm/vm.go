// Package vm is the interpreter: one Lua world, many threads.
//
// Rules it keeps:
//
//   - One interpreter lock guards all Lua. A thread holds it while it runs Lua
//     and drops it while a binding runs, so a thousand hosts wait on the
//     network at once while their Lua stays sequential and shares globals.
//   - Every thread has a context. When it ends, the thread's Lua fails at its
//     next instruction, whatever pcall it is in, and its binding returns.
//   - What differs from stock gopher-lua is in one file each: numbers and
//     strings print as PUC Lua prints them (concat.go, strings.go), undeclared
//     globals are errors (globals.go), os and io obey cancellation (oslib.go,
//     iolib.go).
package vm

import (
	"context"
	"io/fs"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
)

// Options says what a world is made of.
type Options struct {
	Env     *kit.Env
	Modules []*kit.Module
	Stdlib  fs.FS    // Lua that ships in the binary: <name>/init.lua
	Paths   []string // folders that require searches, in order
}

// VM is one Lua world.
type VM struct {
	mu      sync.Mutex // the interpreter lock
	main    *lua.LState
	env     *kit.Env
	options Options
	globals *lua.LTable
	globalM map[string]*kit.Module // names of global modules' functions
	modules map[string]*kit.Module
	loaded  *lua.LTable        // package.loaded
	loading map[string]*thread // modules whose file is being run, and by whom
}

// Stack sizes: a host's thread starts with a few KB and grows on demand. The
// depth of calls is bounded because gopher-lua's error traces take quadratic
// time in it.
const (
	callDepth    = 1000
	registryMin  = 128
	registryMax  = 1 << 20
	registryStep = 1024
)

// New makes a world. Nothing of it runs until RunFile or RunString.
func New(o Options) *VM {
	main := lua.NewState(lua.Options{
		SkipOpenLibs:        true,
		MinimizeStackMemory: true,
		CallStackSize:       callDepth,
		RegistrySize:        registryMin,
		RegistryMaxSize:     registryMax,
		RegistryGrowStep:    registryStep,
	})
	vm := &VM{
		main: main, env: o.Env, options: o,
		modules: map[string]*kit.Module{}, globalM: map[string]*kit.Module{}, loading: map[string]*thread{},
	}
	vm.globals = main.G.Global
	vm.index(o.Modules)
	vm.openLibraries()
	vm.makeStrict()
	return vm
}

// Close frees the interpreter. No thread may run any more.
func (vm *VM) Close() {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	vm.main.Close()
}

func (vm *VM) index(modules []*kit.Module) {
	for _, m := range modules {
		for i := range m.Types {
			m.Types[i].Declare()
		}
		if !m.Global {
			vm.modules[m.Name] = m
			continue
		}
		for _, f := range m.Funcs {
			name, _, _ := strings.Cut(f.Name, ".")
			vm.globalM[name] = m
		}
	}
}

// RunFile runs a fabfile's main chunk with args as its `...`. Folders beside
// it become places for require.
func (vm *VM) RunFile(ctx context.Context, path string, args ...string) error {
	source, err := readScript(path)
	if err != nil {
		return err
	}
	_, err = vm.run(ctx, source, path, args, toString)
	return err
}

// RunString runs a chunk under a name and gives its results as tostring does.
func (vm *VM) RunString(ctx context.Context, source, name string, args ...string) ([]string, error) {
	return vm.run(ctx, source, name, args, toString)
}

// run gives the results as text.
func (vm *VM) run(ctx context.Context, source, name string, args []string, text func(*lua.LState, lua.LValue) string) ([]string, error) {
	L, end := vm.Spawn(ctx)
	defer end()
	fn, err := vm.compile(L, source, name)
	if err != nil {
		return nil, err
	}
	L.Push(fn)
	for _, a := range args {
		L.Push(lua.LString(a))
	}
	if err := L.PCall(len(args), lua.MultRet, nil); err != nil {
		return nil, threadOf(L).Fault(L, err)
	}
	texts := make([]string, L.GetTop())
	for i := range texts {
		texts[i] = text(L, L.Get(i+1))
	}
	return texts, nil
}

// SetGlobal gives a global a plain value, such as arg.
func (vm *VM) SetGlobal(name string, values []string) {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	table := vm.main.CreateTable(len(values), 0)
	for i, v := range values {
		table.RawSetInt(i, lua.LString(v))
	}
	vm.globals.RawSetString(name, table)
}

// Globals lists the names of all globals, for completion.
func (vm *VM) Globals() []string {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	return vm.globalNames()
}

package vm

import (
	"bufio"
	"bytes"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/command"
	"gofab/internal/fault"
)

// os.execute, os.exit and io.popen keep their meaning and obey cancellation:
// what they start is killed with the run, and exit ends the run in good order.

func (vm *VM) openOS(L *lua.LState) {
	set(L, vm.library(lua.OsLibName), map[string]lua.LGFunction{
		"execute": vm.execute,
		"exit":    vm.exit,
		"getenv":  vm.getenv,
		"setenv":  vm.setenv,
	})
}

// execute runs a shell command on the local machine with the terminal's own
// streams and gives its exit code.
func (vm *VM) execute(L *lua.LState) int {
	if L.GetTop() == 0 || L.Get(1) == lua.LNil {
		L.Push(lua.LNumber(1)) // there is a shell
		return 1
	}
	line := L.CheckString(1)
	world := vm.env.World
	code := vm.shell(L, command.Exec{Line: line, Stdin: world.Stdin(), Stdout: world.Stdout(), Stderr: world.Stderr()})
	L.Push(lua.LNumber(code))
	return 1
}

// shell runs one local command outside the interpreter lock.
func (vm *VM) shell(L *lua.LState, req command.Exec) int {
	ctx := threadOf(L).real
	var exit command.Exit
	var err error
	released(L, func() { exit, err = vm.env.Local().Exec(ctx, req) })
	if err != nil {
		vm.raise(L, fault.From(err))
	}
	return exit.Code
}

// exit ends the run with a code. The running Lua stops at its next
// instruction; no pcall holds it up.
func (vm *VM) exit(L *lua.LState) int {
	code := 0
	switch v := L.Get(1).(type) {
	case lua.LNumber:
		code = int(v)
	case lua.LBool:
		if !bool(v) {
			code = 1
		}
	}
	vm.env.World.RequestExit(code)
	t := threadOf(L)
	<-t.real.Done()
	t.stopped.Store(true)
	vm.raise(L, fault.New(fault.Cancelled, "exit %d", code))
	return 0
}

func (vm *VM) getenv(L *lua.LState) int {
	value, ok := vm.env.World.Getenv(L.CheckString(1))
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LString(value))
	return 1
}

func (vm *VM) setenv(L *lua.LState) int {
	vm.env.World.Setenv(L.CheckString(1), L.CheckString(2))
	L.Push(lua.LTrue)
	return 1
}

// popen runs a command: "r" gives its output to read, "w" takes its input and
// runs it at close.
func (vm *VM) popen(L *lua.LState) int {
	line, mode := L.CheckString(1), L.OptString(2, "r")
	world := vm.env.World
	var s *stream
	switch strings.TrimSuffix(mode, "b") {
	case "r":
		var out bytes.Buffer
		code := vm.shell(L, command.Exec{Line: line, Stdin: world.Stdin(), Stdout: &out, Stderr: world.Stderr()})
		s = &stream{name: "pipe", in: bufio.NewReader(&out), close: func(L *lua.LState) int {
			L.Push(lua.LBool(code == 0))
			L.Push(lua.LNumber(code))
			return 2
		}}
	case "w":
		var in bytes.Buffer
		s = &stream{name: "pipe", write: func(_ *lua.LState, text string) { in.WriteString(text) }}
		s.close = func(L *lua.LState) int {
			code := vm.shell(L, command.Exec{Line: line, Stdin: &in, Stdout: world.Stdout(), Stderr: world.Stderr()})
			L.Push(lua.LBool(code == 0))
			L.Push(lua.LNumber(code))
			return 2
		}
	default:
		L.ArgError(2, `mode must be "r" or "w"`)
	}
	L.Push(newStream(L, s))
	return 1
}

package vm

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// What a prompt needs: chunks that may be expressions, values that are shown,
// names that can be completed.

// RunTyped runs what was typed at a prompt and shows the values that it gives.
// An expression is a chunk as well. It runs once, whatever comes of it.
func (vm *VM) RunTyped(ctx context.Context, chunk string) ([]string, error) {
	if expression := "return " + chunk; Check(expression) == nil {
		chunk = expression
	}
	return vm.run(ctx, chunk, "(prompt)", nil, inspect)
}

// Whole tells whether a chunk can run, or is wrong, as it is: no more lines are
// needed.
func Whole(chunk string) bool {
	statement, expression := Check(chunk), Check("return "+chunk)
	return expression == nil || !unfinished(statement) && !unfinished(expression)
}

func unfinished(err error) bool { return err != nil && fault.From(err).Message == Unfinished }

// Members lists what follows a path of names: the text keys of a table after a
// dot, the fields of an object after a dot and its methods after a colon.
// Nothing runs for it: what is not there yet is not found.
func (vm *VM) Members(path []string, separator string) []string {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	var at lua.LValue = vm.globals
	for _, name := range path {
		table, ok := at.(*lua.LTable)
		if !ok {
			return nil
		}
		at = table.RawGetString(name)
	}
	switch at := at.(type) {
	case *lua.LTable:
		return textKeys(at)
	case *lua.LUserData:
		methods, fields := kit.Members(at.Value)
		if separator == ":" {
			return methods
		}
		return fields
	default:
		return nil
	}
}

func textKeys(table *lua.LTable) []string {
	var names []string
	table.ForEach(func(k, _ lua.LValue) {
		if name, ok := k.(lua.LString); ok && isName(string(name)) {
			names = append(names, string(name))
		}
	})
	return names
}

package kit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/vm"
	"gofab/runtime/vm/vmtest"
)

// The tests of kit call bindings from Lua, in a real interpreter: a module
// `probe` is declared by each test and called by a script.

// probe is a module with these functions.
func probe(funcs ...kit.Func) *kit.Module {
	return &kit.Module{Name: "probe", Doc: "Functions that a test looks at.", Funcs: funcs}
}

// lua runs a script with the modules and gives what it printed.
func lua(t testing.TB, script string, modules ...*kit.Module) (string, error) {
	t.Helper()
	w := vmtest.New(t, vm.Options{Modules: append(modules, vmtest.Module())})
	_, err := w.VM.RunString(context.Background(), script, "test.lua")
	return w.Printed(), err
}

// decoded runs a script that calls probe.f and gives the arguments that came.
func decoded[A any](t testing.TB, script string) (A, error) {
	t.Helper()
	var got A
	_, err := lua(t, script, probe(kit.Fn("f", "Note the arguments.", func(_ *kit.Call, a A) (kit.None, error) {
		got = a
		return kit.None{}, nil
	})))
	return got, err
}

// giver is probe.f that gives a value.
func giver[R any](value R) *kit.Module {
	return probe(kit.Fn("f", "Give a value.", func(*kit.Call, struct{}) (R, error) { return value, nil }))
}

// expectFault checks an error's kind and a part of its text.
func expectFault(t *testing.T, name string, err error, kind fault.Kind, part string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Error(), part) {
		t.Errorf("%s:\n got %v (%s)\nwant %q (%s)", name, err, fault.KindOf(err), part, kind)
	}
}

// expectPrint checks what a script prints.
func expectPrint(t *testing.T, script, want string, modules ...*kit.Module) {
	t.Helper()
	got, err := lua(t, script, modules...)
	if err != nil || strings.TrimSuffix(got, "\n") != want {
		t.Errorf("%s\n got %q, %v\nwant %q", script, got, err, want)
	}
}

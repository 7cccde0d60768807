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

// A function with a dot in its name is in a table; where that is a function as
// well, the table can be called.
func TestParts(t *testing.T) {
	say := func(name string) kit.Func {
		return kit.Fn(name, "Give what was called.", func(_ *kit.Call, a struct {
			Text string `lua:"text,arg1" default:"" doc:"Text to give back."`
		}) (string, error) {
			return name + a.Text, nil
		})
	}
	for _, order := range [][]kit.Func{
		{say("part"), say("part.a"), say("part.b"), say("other.deep.er")},
		{say("part.a"), say("other.deep.er"), say("part"), say("part.b")},
	} {
		m := probe(order...)
		expectPrint(t, `print(probe.part("1"), probe.part.a("2"), probe.part.b(), probe.other.deep.er("3"))`, "part1\tpart.a2\tpart.b\tother.deep.er3", m)
		expectPrint(t, `local f = coroutine.wrap(function() return probe.part("in a coroutine") end) print(f())`, "partin a coroutine", m)
		for script, want := range map[string]string{
			`probe.part.c()`:           `there is no probe.part.c (did you mean "probe.part.a"?)`,
			`probe.prat()`:             `there is no probe.prat (did you mean "probe.part"?)`,
			`probe.part{ texd = "x" }`: `probe.part: unknown option "texd" (did you mean "text"?)`,
			`probe.other()`:            "probe.other is a table of functions and not one itself, such as probe.other.deep",
			`probe()`:                  "probe is a table of functions and not one itself",
		} {
			if _, err := lua(t, script, m); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", script, err, want)
			}
		}
	}
	global := &kit.Module{Name: "words", Global: true, Doc: "Global names.", Funcs: []kit.Func{say("speak"), say("speak.up")}}
	expectPrint(t, `print(speak("!"), speak.up())`, "speak!\tspeak.up", global)
}

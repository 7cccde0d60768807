package kit_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/vm"
	"gofab/runtime/vm/vmtest"
)

// failing is probe.f that fails with err.
func failing(err error) *kit.Module {
	return probe(kit.Fn("f", "Fail.", func(*kit.Call, struct{}) (kit.None, error) { return kit.None{}, err }))
}

// full is an error with every field set that a binding can set.
func full() *fault.Error {
	e := fault.Wrap(fault.Exit, os.ErrNotExist, "the command failed").WithHint("try again")
	e.Host, e.Result = "web1", map[string]any{"code": 7}
	return e
}

func TestFieldsOfAnError(t *testing.T) {
	for expression, want := range map[string]string{
		`e.kind`:              "exit",
		`e.op`:                "probe.f",
		`e.message`:           "probe.f: the command failed: file does not exist",
		`e.hint`:              "try again",
		`e.where`:             "test.lua:1",
		`e.host`:              "web1",
		`e.cause.message`:     "file does not exist",
		`e.cause.kind`:        "failed",
		`e.result.code`:       "7",
		`type(e), e.nonsense`: "userdata\tnil",
		`e`:                   "test.lua:1: web1: probe.f: the command failed: file does not exist\n  hint: try again",
		`"failed: " .. e`:     "failed: test.lua:1: web1: probe.f: the command failed: file does not exist\n  hint: try again",
		`e.cause.hint`:        "nil",
		`getmetatable(e)`:     "error",
		`pcall(error, e)`:     "false\ttest.lua:1: web1: probe.f: the command failed: file does not exist\n  hint: try again",
	} {
		expectPrint(t, "local _, e = pcall(probe.f) print("+expression+")", want, failing(full()))
	}
}

// pcall and try see the same object; raised again it is what it was.
func TestErrorsAreCaughtAndRaisedAgain(t *testing.T) {
	expectPrint(t, `local v, e = try(probe.f) print(v, e.kind, e.host)`, "nil\texit\tweb1", failing(full()))
	expectPrint(t, `local v, e = try(function() probe.f() end) print(v, e.kind)`, "nil\texit", failing(full()))
	expectPrint(t, `print(xpcall(probe.f, function(e) return e.kind end))`, "false\texit", failing(full()))
	_, err := lua(t, "local _, e = pcall(\nprobe.f)\n\nerror(e)", failing(full()))
	expectFault(t, "again", err, fault.Exit, "web1: probe.f: the command failed")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the cause is lost: %v", err)
	}
}

// The error that a binding gives stays as it is: places and names are filled
// in on a copy.
func TestTheBindingsErrorIsNotChanged(t *testing.T) {
	e := full()
	if _, err := lua(t, "probe.f()", failing(e)); err == nil {
		t.Fatal("no error")
	}
	if e.Where != "" || e.Op != "" {
		t.Errorf("the binding's own error was changed: %+v", e)
	}
}

func TestPlainGoErrors(t *testing.T) {
	_, err := lua(t, "\n\nprobe.f()", failing(errors.New("boom")))
	expectFault(t, "plain", err, fault.Failed, "test.lua:3: probe.f: boom")
}

// A panic of a binding is an error of the call; the script goes on.
func TestPanicsBecomeErrors(t *testing.T) {
	module := probe(kit.Fn("f", "Panic.", func(*kit.Call, struct{}) (kit.None, error) {
		var m map[string]int
		m["x"] = 1 //nolint:staticcheck // the panic is the test
		return kit.None{}, nil
	}))
	_, err := lua(t, "\nprobe.f()", module)
	expectFault(t, "panic", err, fault.Failed, "test.lua:2: probe.f: internal error: assignment to entry in nil map")
	if !strings.Contains(fault.From(err).Hint, "bug in gofab") {
		t.Errorf("hint: %q", fault.From(err).Hint)
	}
	expectPrint(t, `print((pcall(probe.f))) print("on")`, "false\non", module)
}

// The managed host of the context is the error's host.
func TestTheHostOfTheContext(t *testing.T) {
	w := vmtest.New(t, vm.Options{Modules: []*kit.Module{failing(errors.New("boom"))}})
	_, err := w.VM.RunString(kit.WithHost(context.Background(), "web7"), "probe.f()", "test.lua")
	if fault.From(err).Host != "web7" {
		t.Errorf("host %q in %v", fault.From(err).Host, err)
	}
}

// The end of the context gives the reason of its end, not the error in between.
func TestTheReasonOfCancellation(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	module := probe(kit.Fn("f", "Wait for the end.", func(c *kit.Call, _ struct{}) (kit.None, error) {
		cancel(fault.New(fault.Timeout, "the task took too long").WithHint("raise timeout"))
		<-c.Context.Done()
		return kit.None{}, c.Context.Err()
	}))
	w := vmtest.New(t, vm.Options{Modules: []*kit.Module{module}})
	_, err := w.VM.RunString(ctx, "probe.f()", "test.lua")
	expectFault(t, "cause", err, fault.Timeout, "probe.f: the task took too long")
}

func TestWrongNamesInModules(t *testing.T) {
	_, err := lua(t, "\nprobe.g()", giver(1))
	expectFault(t, "near", err, fault.Usage, `test.lua:2: there is no probe.g (did you mean "probe.f"?)`)
	_, err = lua(t, "\nprobe.elephant()", giver(1))
	expectFault(t, "far", err, fault.Usage, `test.lua:2: there is no probe.elephant`)
}

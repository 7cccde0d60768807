package kit_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/vm"
	"gofab/runtime/vm/vmtest"
)

type callArgs struct {
	N int          `lua:"n" default:"1" doc:"How often."`
	F kit.Callback `lua:"f,last" doc:"The function."`
}

// caller is probe.f: it calls the function n times, from n goroutines at once.
func caller() *kit.Module {
	return probe(kit.Fn("f", "Call a function many times.", func(c *kit.Call, a callArgs) (int, error) {
		var wg sync.WaitGroup
		sums, errs := make([]int, a.N), make([]error, a.N)
		for i := range a.N {
			wg.Add(1)
			go func() {
				defer wg.Done()
				results, err := a.F.Call(c.Context, i+1, []string{"x"})
				if errs[i] = err; err == nil && len(results) > 0 {
					n, _ := results[0].(float64)
					sums[i] = int(n)
				}
			}()
		}
		wg.Wait()
		total := 0
		for _, n := range sums {
			total += n
		}
		return total, errors.Join(errs...)
	}))
}

// Callbacks from many goroutines take their turns: what they count is right.
func TestCallbacksFromManyGoroutines(t *testing.T) {
	expectPrint(t, `
local count = 0
local sum = probe.f({n = 200}, function(i, list) count = count + 1 test.yield() return i * #list end)
print(count, sum)`, "200\t20100", caller())
}

func TestCallbacksWithinCallbacks(t *testing.T) {
	expectPrint(t, `print(probe.f({n = 5}, function(i) return probe.f({n = i}, function(j) return j end) end))`, "35", caller())
}

func TestErrorsInCallbacks(t *testing.T) {
	module := probe(kit.Fn("f", "Call a function.", func(c *kit.Call, a callArgs) (any, error) {
		results, err := a.F.Call(c.Context)
		return results, err
	}))
	_, err := lua(t, "probe.f(function()\n\nerror('boom')\nend)", module)
	expectFault(t, "error", err, fault.Script, "test.lua:3: boom")
	_, err = lua(t, "probe.f(function()\n error{kind = 'denied', message = 'no', hint = 'ask'} end)", module)
	expectFault(t, "table", err, fault.Denied, "test.lua:2: no")
	_, err = lua(t, "probe.f(function() return coroutine.create(print) end)", module)
	expectFault(t, "result", err, fault.Usage, "result 1 of a function: a thread cannot be passed here")
}

// A callback that is called after the end of its context says why.
func TestCallbacksAfterTheEnd(t *testing.T) {
	var kept kit.Callback
	module := probe(kit.Fn("f", "Keep a function.", func(_ *kit.Call, a callArgs) (kit.None, error) {
		kept = a.F
		return kit.None{}, nil
	}))
	w := vmtest.New(t, vm.Options{Modules: []*kit.Module{module}})
	if _, err := w.VM.RunString(context.Background(), "\nprobe.f(function() return 'kept' end)", "test.lua"); err != nil {
		t.Fatal(err)
	}
	if got, err := kept.Call(context.Background()); err != nil || len(got) != 1 || got[0] != "kept" {
		t.Errorf("after the call: %v, %v", got, err)
	}
	if kept.Where() != "test.lua:2" || (kit.Callback{}).Where() != "" {
		t.Errorf("place %q", kept.Where())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := kept.Call(ctx)
	expectFault(t, "cancelled", err, fault.Cancelled, "cancelled")
	ctx, cancel = context.WithTimeout(context.Background(), 0)
	defer cancel()
	_, err = kept.Call(ctx)
	expectFault(t, "timeout", err, fault.Timeout, "time limit reached")
}

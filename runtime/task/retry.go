package task

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/retry"
)

const retryExample = `local tries = 0
local value = retry({ times = 5, delay = "10ms", backoff = 2 }, function()
  tries = tries + 1
  if tries < 3 then error("not yet") end
  return "ready"
end)
assert(value == "ready" and tries == 3)`

const acceptExample = `local r = retry({ times = 3, delay = 0, accept = function(r) return r.ok end }, function()
  return host("web1"):run("true", { check = false })
end)
assert(r.ok)`

const waitExample = `local n = 0
wait_for({ timeout = "30s", interval = "10ms" }, function() n = n + 1; return n == 3 end)
assert(n == 3)`

func retrying() []kit.Func {
	return []kit.Func{
		kit.Fn("retry", "Call a function again until it does not raise, and give what it gave. When the tries are used up, the last "+
			"error is raised with their number. Mistakes in the call itself (kind usage) are not tried again.", retryCall).With(
			retryExample).With(acceptExample),
		kit.Fn("wait_for", "Call a function again and again until it gives something other than nil and false, and give that. "+
			"An error in it is raised at once.", waitFor).With(waitExample),
	}
}

type retryArgs struct {
	Times    int           `lua:"times" default:"3" doc:"Tries in all."`
	Delay    time.Duration `lua:"delay" default:"1s" doc:"Wait before the second try."`
	Backoff  float64       `lua:"backoff" default:"1" doc:"Each wait is so many times the one before."`
	MaxDelay time.Duration `lua:"max_delay" default:"0s" doc:"Longest wait; 0 means none."`
	Jitter   float64       `lua:"jitter" default:"0" doc:"Share of a wait by which it varies at random, 0 to 1."`
	Accept   kit.Callback  `lua:"accept" default:"" doc:"function(value): whether the value will do; without it any will."`
	On       kit.Strings   `lua:"on" default:"" doc:"Kinds of errors that are tried again, such as {\"timeout\", \"exit\"}; without it all but usage."`
	Body     kit.Callback  `lua:"body,last" doc:"function(try): the work; it gets the number of the try."`
}

func (a retryArgs) check() error {
	for _, kind := range a.On {
		if !slices.Contains(fault.Kinds, fault.Kind(kind)) {
			return fault.New(fault.Usage, "on: %q is not a kind of error", kind).WithHint("gofab doc errors lists them")
		}
	}
	switch {
	case a.Times < 1:
		return fault.New(fault.Usage, "times: at least one try, not %d", a.Times)
	case a.Jitter < 0 || a.Jitter > 1:
		return fault.New(fault.Usage, "jitter: %v is not between 0 and 1", a.Jitter)
	}
	return nil
}

// again says whether an error is worth another try.
func (a retryArgs) again(err error) bool {
	kind := fault.KindOf(err)
	if len(a.On) > 0 {
		return slices.Contains(a.On, string(kind))
	}
	return kind != fault.Usage && kind != fault.Skipped
}

func retryCall(c *kit.Call, a retryArgs) (kit.Multi, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	var values []any
	var failed error
	policy := retry.Policy{Times: a.Times, Delay: a.Delay, Backoff: a.Backoff, MaxDelay: a.MaxDelay, Jitter: a.Jitter}
	done, err := policy.Do(c.Context, nil, func(try int) bool {
		values, failed = a.try(c, try)
		return failed == nil || c.Context.Err() != nil || !a.again(failed)
	})
	switch {
	case err != nil:
		return nil, err
	case done:
		return values, failed
	}
	return nil, worn(failed, a.Times)
}

// try calls the function once and asks whether its value will do.
func (a retryArgs) try(c *kit.Call, number int) ([]any, error) {
	values, err := a.Body.Call(kit.WithTry(c.Context), number)
	if err != nil || a.Accept.IsZero() {
		return values, err
	}
	verdict, err := a.Accept.Call(c.Context, values...)
	if err == nil && !truthy(verdict) {
		refused := fault.New(fault.Failed, "the value was not accepted")
		if len(values) > 0 {
			refused.Result = values[0]
		}
		return nil, refused
	}
	return values, err
}

func truthy(values []any) bool { return len(values) > 0 && values[0] != nil && values[0] != false }

// worn is the error of the last try.
func worn(err error, tries int) error {
	e := *fault.From(err)
	if tries > 1 {
		e.Message = fmt.Sprintf("%d tries, the last one: %s", tries, e.Message)
	}
	return &e
}

type waitArgs struct {
	Timeout  time.Duration `lua:"timeout" default:"1m" doc:"Longest wait in all, also for a call that does not end; 0 means none."`
	Interval time.Duration `lua:"interval" default:"1s" doc:"Time between two calls."`
	Body     kit.Callback  `lua:"body,last" doc:"function(try): what is asked; it gets the number of the call."`
}

func waitFor(c *kit.Call, a waitArgs) (kit.Multi, error) {
	ctx, end := c.Context, func() {}
	if a.Timeout > 0 {
		ctx, end = context.WithTimeout(ctx, a.Timeout)
	}
	defer end()
	var values []any
	var failed error
	_, err := retry.Policy{Delay: a.Interval}.Do(ctx, nil, func(try int) bool {
		values, failed = a.Body.Call(kit.WithTry(ctx), try)
		return failed != nil || truthy(values)
	})
	switch {
	case ctx.Err() != nil && c.Context.Err() == nil && !truthy(values):
		return nil, fault.New(fault.Timeout, "waited %s in vain", a.Timeout).WithHint("timeout sets the limit")
	case err != nil:
		return nil, err
	}
	return values, failed
}

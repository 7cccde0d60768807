package task

import (
	"context"

	"gofab/bindings/kit"
	"gofab/internal/turn"
	"gofab/runtime/transport"
)

// What hosts do together: a limit on how many do something at once, and what
// one does for all.

const limitExample = `hosts("web1, web2, web3"):each(function(h)
  limit("database", 2, function() h:run("true") end)
end)`

const lockExample = `local total = 0
hosts("web1, web2, web3"):each(function(h)
  lock("total", function() total = total + #h:run("hostname", { hide = true }).stdout end)
end)
assert(total > 0)`

const onceExample = `local calls = 0
hosts("web1, web2, web3"):each(function(h)
  local version = once("version", function() calls = calls + 1; return "1.2" end)
  assert(version == "1.2")
end)
assert(calls == 1)`

func coordination() []kit.Func {
	return []kit.Func{
		kit.Fn("limit", "Call a function when fewer than so many hosts are in calls with that name, or in tasks with that limit; "+
			"who came first goes first. Gives what the function gives. What would wait for ever is an error.", limit).With(limitExample),
		kit.Fn("lock", "Call a function while nobody else is in a call with that name: limit with 1.", lock).With(lockExample),
		kit.Fn("once", "Call a function once in a run, for all hosts: those that come meanwhile wait, and all get what it gave, "+
			"or its error. When its host is stopped in the middle, the next one does it.", once).With(onceExample),
	}
}

type limitArgs struct {
	Name string       `lua:"name,arg1" doc:"Name that the calls share."`
	Most int          `lua:"most,arg2" doc:"Hosts at once."`
	Body kit.Callback `lua:"body,last" doc:"What is to be done."`
}

func limit(c *kit.Call, a limitArgs) (kit.Multi, error) {
	held, done, err := turnAt(c.Context, TurnsOf(c.Env), a.Name, a.Most)
	if err != nil {
		return nil, err
	}
	defer done()
	return a.Body.Call(held)
}

// turnAt waits for a turn. Who waits keeps no connection from those who work.
func turnAt(ctx context.Context, turns *turn.Set, name string, most int) (context.Context, func(), error) {
	defer transport.Away(ctx)()
	return turns.Limit(ctx, name, most)
}

type namedArgs struct {
	Name string       `lua:"name,arg1" doc:"Name that the calls share."`
	Body kit.Callback `lua:"body,last" doc:"What is to be done."`
}

func lock(c *kit.Call, a namedArgs) (kit.Multi, error) {
	return limit(c, limitArgs{Name: a.Name, Most: 1, Body: a.Body})
}

func once(c *kit.Call, a namedArgs) (kit.Multi, error) {
	back := transport.Away(c.Context)
	defer back()
	values, err := TurnsOf(c.Env).Once(c.Context, a.Name, func(ctx context.Context) (any, error) {
		back()
		return a.Body.Call(ctx)
	})
	list, _ := values.([]any)
	return list, err
}

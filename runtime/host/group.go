package host

import (
	"context"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/runtime/event"
)

// Group is several hosts. Commands on it fan out natively, without a Lua
// thread per host.
type Group struct {
	services *Services
	hosts    []*Handle
}

// String is how a group prints: its names, folded.
func (g *Group) String() string { return hostrange.Fold(g.names()) }

func (g *Group) names() []string {
	names := make([]string, len(g.hosts))
	for i, h := range g.hosts {
		names[i] = h.Name
	}
	return names
}

func groupType() kit.Type {
	return kit.TypeOf[*Group]("group", "Several hosts. What runs on a group runs on many hosts at a time, at most --forks; "+
		"if any of them fails, an error is raised once all have ended, with the results in e.result.",
		append(append(chooseMethods(), groupFileMethods()...),
			kit.Method("run", "Run a command on every host.", groupRun).With(
				`local r = hosts("web1, web2, web3"):run("echo same", { hide = true })
assert(#r.ok == 3 and #r:fold() == 1)`),
			kit.Method("sudo", "Run a command as root on every host.", groupSudo),
			kit.Method("each", "Call a function for every host, many at a time; the values it returns are in the results.", each).With(
				`local r = hosts("web1, web2"):each(function(h) return h:run("echo 7").stdout end)
assert(r.values.web2 == "7\n")`),
			kit.Method("with", "Give the same group with a scope around every host.", groupWith),
			kit.Method("list", "List the hosts: for _, h in ipairs(g:list()) do ... end.", list),
		)...,
	).Fields(
		kit.Field("names", "Names of the hosts.", (*Group).names),
	).Length(func(self any) int { return len(self.(*Group).hosts) }).Operators(groupOperators()...)
}

type exprArgs struct {
	Targets string `lua:"targets,arg1" doc:"Target expression."`
}

func many(c *kit.Call, a exprArgs) (*Group, error) {
	s := servicesOf(c)
	handles, err := s.find(c.Context, a.Targets)
	return &Group{services: s, hosts: handles}, err
}

func list(_ *kit.Call, g *Group, _ struct{}) ([]*Handle, error) { return g.hosts, nil }

func groupWith(_ *kit.Call, g *Group, s Scope) (*Group, error) {
	out := &Group{services: g.services}
	for _, h := range g.hosts {
		out.hosts = append(out.hosts, &Handle{Host: h.Host, services: h.services, scope: h.scope.Inside(s)})
	}
	return out, nil
}

// FanOptions say how a group is gone through.
type FanOptions struct {
	Fan
	All bool `lua:"all" default:"false" doc:"Do not raise when some hosts fail: look at the results."`
}

type groupRunArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments."`
	Fold    bool          `lua:"fold" default:"false" doc:"Show equal output once, when all have ended, instead of line by line."`
	command.Options
	FanOptions
}

func groupRun(c *kit.Call, g *Group, a groupRunArgs) (*Results, error) {
	if a.Fold {
		a.Hide = command.HideBoth
	}
	text := a.Command.Text()
	hidden := a.Hide.All() && !a.Fold && !g.dry(a.Scope)
	g.services.Events.EmitIn(c.Context, event.GroupStart{Hosts: g.names(), Command: text, Hidden: hidden})
	results, err := g.fan(c.Context, a.FanOptions, func(ctx context.Context, h *Handle) (any, error) {
		return h.run(ctx, a.Command, a.Options, true)
	})
	if a.Fold {
		g.services.Events.EmitIn(c.Context, event.GroupResult{Command: text, Groups: event.Fold(results.Outputs())})
	}
	return results, err
}

// dry says that a command will only be shown, and then it is, whatever is hidden.
func (g *Group) dry(s Scope) bool { return len(g.hosts) > 0 && g.hosts[0].scope.Inside(s).Dry }

func groupSudo(c *kit.Call, g *Group, a groupRunArgs) (*Results, error) {
	a.Sudo = true
	return groupRun(c, g, a)
}

type eachArgs struct {
	FanOptions
	Timeout time.Duration `lua:"timeout" default:"0s" doc:"Limit for each host; 0 means none."`
	Body    kit.Callback  `lua:"body,last" doc:"function(h): what to do with one host."`
}

func each(c *kit.Call, g *Group, a eachArgs) (*Results, error) {
	return g.fan(c.Context, a.FanOptions, func(ctx context.Context, h *Handle) (any, error) {
		if a.Timeout > 0 {
			var end context.CancelFunc
			ctx, end = context.WithTimeoutCause(ctx, a.Timeout, h.named(fault.New(fault.Timeout, "it took longer than %s", a.Timeout)))
			defer end()
		}
		values, err := a.Body.Call(kit.WithHost(ctx, h.shown()), h)
		if len(values) == 0 {
			return nil, err
		}
		return values[0], err
	})
}

// fan does work on every host, some at a time, and raises when any failed.
func (g *Group) fan(ctx context.Context, o FanOptions, work func(context.Context, *Handle) (any, error)) (*Results, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	r := g.services.FanOut(ctx, "", g.hosts, o.Fan, Work{Do: func(ctx context.Context, h *Handle) Outcome {
		value, err := work(ctx, h)
		return Outcome{Value: value, Err: err}
	}})
	if o.All {
		return r, nil
	}
	return r, r.Failure()
}

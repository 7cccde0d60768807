package task

import (
	"slices"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/host"
)

// Module declares the task vocabulary of a fabfile.
func Module() *kit.Module {
	return &kit.Module{
		Name: "fab", Global: true,
		Doc:   "Declare tasks: what a fabfile can do, with which arguments, and on which hosts.",
		Funcs: slices.Concat(declarations(), includes(), coordination(), retrying(), composition()),
	}
}

func declarations() []kit.Func {
	return []kit.Func{
		kit.Fn("task", "Declare a task. The function gets the host and the table of arguments; "+
			"it runs once per host, many hosts at a time.", declare).With(taskExample),
	}
}

const taskExample = `task("deploy", {
  doc = "Release one version",
  args = {
    version = { doc = "version to release", positional = 1 },
    force   = { doc = "release even if it is there", default = false },
  },
}, function(h, a)
  print("deploying " .. a.version .. " to " .. h.name)
end)`

type setKey struct{}

// SetOf gives the run's tasks.
func SetOf(env *kit.Env) *Set { return kit.SharedValue(env.Shared, setKey{}, NewSet) }

type taskArgs struct {
	Name    string       `lua:"name,arg1" doc:"Name of the task, as typed on the command line."`
	Options taskOptions  `lua:"options,arg2" default:"" doc:"What the task is and where it runs."`
	Body    kit.Callback `lua:"body,last" doc:"The work: function(h, args). Without hosts, h is this machine."`
}

type taskOptions struct {
	Doc       string             `lua:"doc" default:"" doc:"One line for gofab list and --help."`
	Hosts     string             `lua:"hosts" default:"" doc:"Target expression: \"@web\", \"web1, web2\", \"@web & !web3\". Empty: this machine."`
	Args      map[string]argSpec `lua:"args" default:"" doc:"Arguments by name. Each is a default value, or a table with any of doc, type (string, number, integer, boolean, duration, size, list, count), default, required, optional (--log alone is true, --log=x a value), short (one letter), positional (its place), rest (takes all further words), choices (a list)."`
	Needs     Needs              `lua:"needs" default:"" doc:"Tasks that run before, each once per host and set of arguments in a run: names, or tables with task and args."`
	Post      Needs              `lua:"post" default:"" doc:"Tasks that run afterwards, on hosts that succeeded."`
	Aliases   []string           `lua:"aliases" default:"" doc:"Other names of the task."`
	Default   bool               `lua:"default" default:"false" doc:"Run it when no task is named."`
	Hidden    bool               `lua:"hidden" default:"false" doc:"Leave it out of gofab list."`
	Strategy  string             `lua:"strategy" default:"" enum:"linear|free" doc:"linear: all hosts end a task before the next task begins. free: each host goes through this task, what it needs and its post tasks at its own pace. Without it --strategy decides."`
	RunOnce   bool               `lua:"run_once" default:"false" doc:"Run on the first host that can be reached, for all of them: they are as well as that one."`
	KeepGoing bool               `lua:"keep_going" default:"false" doc:"A host that fails here counts as failed, but takes part in the tasks that follow."`
	Limit     *Limit             `lua:"limit" doc:"{\"db\", 2}: at most two hosts at once are in tasks and calls of limit with that name."`
	Timeout   time.Duration      `lua:"timeout" default:"0s" doc:"Limit for each host; 0 means none."`
	host.Fan
}

func declare(c *kit.Call, a taskArgs) (kit.None, error) {
	args, err := arguments(a.Options.Args)
	if err != nil {
		return kit.None{}, err
	}
	o := a.Options
	if o.Limit != nil && o.Limit.Most < 1 {
		return kit.None{}, fault.New(fault.Usage, "limit %q: at least one host at once, not %d", o.Limit.Name, o.Limit.Most)
	}
	if err := o.Check(); err != nil {
		return kit.None{}, err
	}
	return kit.None{}, SetOf(c.Env).Add(&Task{
		Name: a.Name, Doc: o.Doc, Hosts: o.Hosts, Args: args, Needs: o.Needs, Post: o.Post,
		Aliases: o.Aliases, Default: o.Default, Hidden: o.Hidden, Fan: o.Fan, Strategy: o.Strategy,
		RunOnce: o.RunOnce, KeepGoing: o.KeepGoing, Limit: o.Limit,
		Timeout: o.Timeout, Body: a.Body, Where: a.Body.Where(),
	})
}

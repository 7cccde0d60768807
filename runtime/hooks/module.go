package hooks

import (
	"regexp"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares the hooks of a fabfile.
func Module() *kit.Module {
	return &kit.Module{
		Name: "hooks", Global: true,
		Doc: "Do something before, after and around tasks, commands, connections and whole runs, and when something happens.",
		Funcs: []kit.Func{
			kit.Fn("before", "Call a function before a task on each host, before a command, before a connection is made, or before the "+
				"run. What it gets tells what is about to be done: task, host, args; command, cwd, user; hosts and tasks of a run. An error "+
				"in it is a failure of what it is before, which is then left out.", declarer(before)).With(beforeExample),
			kit.Fn("after", "Call a function after a task on each host, after a command, a connection or the run, whether it went well or "+
				"not. What it gets has state, error and duration besides, and the result of a command.", declarer(after)).With(afterExample),
			kit.Fn("around", "Put a function around a task on each host, a command, a connection or the run. It gets a second argument: "+
				"a function that does the work, and that raises when the work fails. It calls that once or not at all. For a "+
				"command that function gives the result, and what the hook returns is the result: a hook that leaves the command "+
				"out returns one of its own.", declarer(around)).With(aroundExample, skipExample),
			kit.Fn("on", "Call a function for each event of a name, such as host_state, command_end or run_end; \"*\" is every event. It gets "+
				"the event as a table with the keys of -o jsonl. Handlers run one after the other while the run goes on; what they "+
				"print and run themselves calls no handler again, and an error in one is a warning.", listen).With(onExample),
		},
	}
}

const beforeExample = `before("task", "deploy*", function(visit)
  print(visit.task .. " on " .. visit.host.name)
end)
before("command", { command = "^reboot", hosts = "web1" }, function(c) error("not " .. c.host.name) end)
assert(not pcall(function() host("web1"):run("reboot") end))`

const afterExample = `local states = {}
after("command", function(c) states[#states + 1] = c.host.name .. " " .. c.state .. " " .. c.code end)
host("web1"):run("exit 3", { check = false })
assert(states[1] == "web1 failed 3")`

const aroundExample = `around("command", "^apt", function(c, run)
  local result = run()
  log.info(("%s took %.1f s on %s"):format(c.command, result.duration, c.host.name))
  return result
end)`

const skipExample = `around("command", "^systemctl restart", function(c, run)
  return { stdout = "", code = 0 } -- not today
end)
assert(host("web1"):run("systemctl restart nginx").ok)`

const onExample = `on("host_state", function(e)
  if e.state ~= "ok" then log.warn(e.host .. " is " .. e.state) end
end)`

type hookArgs struct {
	Kind    string       `lua:"kind,arg1" enum:"task|command|connect|run" doc:"What the hook is for."`
	Pattern string       `lua:"pattern,arg2" default:"" doc:"Which of them: for tasks names with * and ?, several with commas; for commands a regular expression that is searched in the line; for connections a target expression. Empty is all."`
	Task    string       `lua:"task" default:"" doc:"The same as pattern, for tasks."`
	Command string       `lua:"command" default:"" doc:"The same as pattern, for commands."`
	Hosts   string       `lua:"hosts" default:"" doc:"Only on the hosts that this target expression means."`
	Body    kit.Callback `lua:"body,last" doc:"The hook: function(what), and for around function(what, run)."`
}

// declarer makes the function that declares hooks of a kind.
func declarer(w when) func(*kit.Call, hookArgs) (kit.None, error) {
	return func(c *kit.Call, a hookArgs) (kit.None, error) {
		h := &hook{when: w, kind: a.Kind, hosts: a.Hosts, call: a.Body}
		if err := a.fill(h); err != nil {
			return kit.None{}, err
		}
		Of(c.Env).add(h)
		return kit.None{}, nil
	}
}

// fill sorts what the pattern means for the kind.
func (a hookArgs) fill(h *hook) error {
	places := map[string]*string{Task: &a.Task, Command: &a.Command, Connect: &a.Hosts}
	if a.Pattern != "" {
		place := places[a.Kind]
		if place == nil || *place != "" {
			return fault.New(fault.Usage, "%q: nothing is chosen by a pattern here", a.Pattern)
		}
		*place = a.Pattern
	}
	switch {
	case a.Task != "" && a.Kind != Task:
		return fault.New(fault.Usage, "task: only hooks of tasks know it")
	case a.Command != "" && a.Kind != Command:
		return fault.New(fault.Usage, "command: only hooks of commands know it")
	case a.Hosts != "" && a.Kind == Run:
		return fault.New(fault.Usage, "hosts: a run is one, for all its hosts")
	}
	h.hosts = a.Hosts
	var err error
	if h.names, err = globs(a.Task); err != nil || a.Command == "" {
		return err
	}
	if h.line, err = regexp.Compile(a.Command); err != nil {
		return fault.Wrap(fault.Usage, err, "command")
	}
	return nil
}

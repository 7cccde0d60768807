package host

import (
	"slices"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/runtime/event"
)

func resultsType() kit.Type {
	names := func(name, doc string, states ...event.State) kit.Prop {
		return kit.Field(name, doc, func(r *Results) []string { return r.in(states...) })
	}
	return kit.TypeOf[*Results]("results", "What was done on several hosts. Every host ends in exactly one state: ok, failed, timeout, "+
		"cancelled, unreachable, unknown (the link was lost), skipped.",
		kit.Method("fold", "Group the hosts that gave the same answer, the largest group first.", fold).With(
			`local r = hosts("web1, web2"):run("echo hello", { hide = true })
for _, same in ipairs(r:fold()) do print(same.names .. ": " .. same.output) end`),
		kit.Method("list", "List the hosts in their order, each with its state, value and error.", answers).With(
			`local r = hosts("web1, web2"):run("uname", { hide = true })
for _, a in ipairs(r:list()) do print(a.name, a.state, a.value.stdout) end
print(r)`),
		kit.Method("hosts", "Give the group of hosts in some states, to go on with them.", inStates).With(
			`local r = hosts("web1, web2"):each({ all = true }, function(h) assert(h.name ~= "web2", "not this one") end)
r:hosts("failed"):run("echo again", { hide = true })
assert(tostring(r) == "2 hosts: 1 ok, 1 failed")`),
		kit.Method("raise", "Raise an error when not all is well, as a group does without all = true; otherwise give the results.", raise),
	).Fields(
		names("ok", "Names of the hosts that are well.", event.OK),
		names("failed", "Names of the hosts that failed, timed out or were lost.", failedStates...),
		names("unreachable", "Names of the hosts that could not be reached.", event.Unreachable),
		names("timeout", "Names of the hosts that took too long; they are among the failed ones.", event.Timeout),
		names("unknown", "Names of the hosts whose link was lost, so that nobody knows; they are among the failed ones.", event.Unknown),
		names("cancelled", "Names of the hosts that were stopped or not begun when the run ended.", event.Cancelled),
		names("skipped", "Names of the hosts that were left out.", event.Skipped),
		kit.Field("states", "State by host.", func(r *Results) map[string]string {
			states := map[string]string{}
			for name, s := range r.byState() {
				states[name] = string(s)
			}
			return states
		}),
		kit.Field("values", "What each host gave: the result of its command, or what the function returned.", (*Results).byValue),
		kit.Field("errors", "Error by host.", (*Results).byError),
		kit.Field("stopped", "Why a rollout ended early; nil when it did not.", (*Results).Stopped),
	).Length(func(self any) int { return len(self.(*Results).hosts) })
}

// Same is a set of hosts with one answer.
type Same struct {
	Hosts  []string `lua:"hosts" doc:"Names of the hosts."`
	Names  string   `lua:"names" doc:"The names folded: web[1-20]."`
	State  string   `lua:"state" doc:"How they ended."`
	Code   *int     `lua:"code" doc:"Exit code, when there is one."`
	Output string   `lua:"output" doc:"Their output, without white space at its end."`
}

func fold(_ *kit.Call, r *Results, _ struct{}) ([]Same, error) {
	same := []Same{}
	for _, f := range event.Fold(r.Outputs()) {
		same = append(same, Same{Hosts: f.Hosts, Names: hostrange.Fold(f.Hosts), State: string(f.State), Code: f.Code, Output: f.Output})
	}
	return same, nil
}

// Answer is what one host gave.
type Answer struct {
	Name  string  `lua:"name" doc:"Name of the host."`
	Host  *Handle `lua:"host" doc:"The host."`
	State string  `lua:"state" doc:"How it ended."`
	Value any     `lua:"value" doc:"The result of its command, or what the function returned."`
	Error error   `lua:"error" doc:"Why it is not well; nil when it is."`
}

func answers(_ *kit.Call, r *Results, _ struct{}) ([]Answer, error) {
	list := make([]Answer, len(r.hosts))
	values := r.byValue()
	for i, h := range r.Each() {
		list[i] = Answer{h.Host, r.hosts[i], string(h.State), values[h.Host], h.Error}
	}
	return list, nil
}

type statesArgs struct {
	States kit.Strings `lua:"states,arg1" doc:"One state or a list of them; \"failed\" is that one state only."`
}

func inStates(_ *kit.Call, r *Results, a statesArgs) (*Group, error) {
	g := &Group{services: r.services}
	for _, state := range a.States {
		if !slices.Contains(event.States, event.State(state)) {
			return nil, fault.New(fault.Usage, "%q is not a state: they are %v", state, event.States)
		}
	}
	for _, h := range r.hosts {
		if slices.Contains(a.States, string(r.state(h.Name))) {
			g.hosts = append(g.hosts, h)
		}
	}
	return g, nil
}

func raise(_ *kit.Call, r *Results, _ struct{}) (*Results, error) { return r, r.Failure() }

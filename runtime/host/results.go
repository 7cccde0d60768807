package host

import (
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/runtime/event"
)

// Results is what a group did, host by host.
type Results struct {
	names []string

	mu     sync.Mutex
	states map[string]event.State
	values map[string]any
	errors map[string]error
}

func newResults(names []string) *Results {
	return &Results{names: names, states: map[string]event.State{}, values: map[string]any{}, errors: map[string]error{}}
}

func (r *Results) set(name string, state event.State, value any, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states[name] = state
	if value != nil {
		r.values[name] = value
	}
	if err != nil {
		r.errors[name] = err
	}
}

// in lists the hosts in one of some states.
func (r *Results) in(states ...event.State) []string {
	list := []string{}
	for _, name := range r.names {
		for _, s := range states {
			if r.states[name] == s {
				list = append(list, name)
			}
		}
	}
	return list
}

// outputs is what the hosts answered, ready to be folded.
func (r *Results) outputs() []event.HostOutput {
	list := make([]event.HostOutput, 0, len(r.names))
	for _, name := range r.names {
		o := event.HostOutput{Host: name, State: r.states[name]}
		if result, ok := r.values[name].(command.Result); ok {
			o.Output = result.Stdout + result.Stderr
			if result.Code >= 0 {
				o.Code = &result.Code
			}
		} else if content, ok := r.values[name].([]byte); ok {
			o.Output = string(content)
		} else if err := r.errors[name]; err != nil {
			o.Output = fault.From(err).Text()
		}
		list = append(list, o)
	}
	return list
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
	for _, f := range event.Fold(r.outputs()) {
		same = append(same, Same{Hosts: f.Hosts, Names: hostrange.Fold(f.Hosts), State: string(f.State), Code: f.Code, Output: f.Output})
	}
	return same, nil
}

func resultsType() kit.Type {
	return kit.TypeOf[*Results]("results", "What a group did. Every host ends in exactly one state: ok, failed, timeout, "+
		"cancelled, unreachable, unknown (the link was lost), skipped.",
		kit.Method("fold", "Group the hosts that gave the same answer, the largest group first.", fold).With(
			`local r = hosts("web1, web2"):run("echo hello", { hide = true })
for _, same in ipairs(r:fold()) do print(same.names .. ": " .. same.output) end`),
	).Fields(
		kit.Field("ok", "Names of the hosts that are well.", func(r *Results) []string { return r.in(event.OK) }),
		kit.Field("failed", "Names of the hosts that failed, timed out or were lost.", func(r *Results) []string {
			return r.in(event.Failed, event.Timeout, event.Unknown)
		}),
		kit.Field("unreachable", "Names of the hosts that could not be reached.", func(r *Results) []string {
			return r.in(event.Unreachable)
		}),
		kit.Field("states", "State by host.", func(r *Results) map[string]string {
			states := map[string]string{}
			for name, s := range r.states {
				states[name] = string(s)
			}
			return states
		}),
		kit.Field("values", "What each host gave: the result of its command, or what the function returned.",
			func(r *Results) map[string]any { return r.values }),
		kit.Field("errors", "Error by host.", func(r *Results) map[string]error { return r.errors }),
	)
}

// StateOf tells the state in which an error leaves a host.
func StateOf(err error) event.State {
	switch fault.KindOf(err) {
	case "":
		return event.OK
	case fault.Unreachable, fault.Auth, fault.HostKey:
		return event.Unreachable
	case fault.Timeout:
		return event.Timeout
	case fault.Cancelled:
		return event.Cancelled
	case fault.Lost:
		return event.Unknown
	default:
		return event.Failed
	}
}

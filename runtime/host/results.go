package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/transport"
)

// Results is what was done on several hosts, host by host.
type Results struct {
	services *Services
	hosts    []*Handle
	stop     error           // why a rollout ended early
	flawed   map[string]bool // hosts that failed and take part in what follows

	mu     sync.Mutex
	states map[string]event.State
	values map[string]any
	errors map[string]error
}

// NewResults makes room for what hosts will give.
func (s *Services) NewResults(hosts []*Handle) *Results {
	return &Results{
		services: s, hosts: hosts, flawed: map[string]bool{},
		states: map[string]event.State{}, values: map[string]any{}, errors: map[string]error{},
	}
}

// Set notes how work ended on a host. What went wrong once is not well again
// because something else went well or was left out.
func (r *Results) Set(name string, state event.State, value any, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value != nil {
		r.values[name] = value
	}
	if before := r.states[name]; state == event.OK && before != "" || state == event.Skipped && before.Bad() {
		return
	}
	r.states[name] = state
	if err != nil {
		r.errors[name] = err
	}
}

// put says how a host ended, whatever was said before.
func (r *Results) put(name string, state event.State, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states[name], r.errors[name] = state, err
}

// Fill takes over how hosts ended of which nothing is known here.
func (r *Results) Fill(all *Results) {
	errs := all.byError()
	for _, h := range r.hosts {
		if r.state(h.Name) == "" {
			r.put(h.Name, all.state(h.Name), errs[h.Name])
		}
	}
}

// GoesOn says that a host which failed takes part in what follows.
func (r *Results) GoesOn(name string) bool { return r.flawed[name] }

func (r *Results) state(name string) event.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[name]
}

// of is the part of the results that belongs to some hosts.
func (r *Results) of(names []string) *Results {
	part := &Results{services: r.services, states: r.byState(), values: r.byValue(), errors: r.byError()}
	for _, h := range r.hosts {
		if slices.Contains(names, h.Name) {
			part.hosts = append(part.hosts, h)
		}
	}
	return part
}

func (r *Results) byState() map[string]event.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.states)
}

func (r *Results) byValue() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.values)
}

func (r *Results) byError() map[string]error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.errors)
}

// failedStates are those of r.failed: the host was reached and is not well.
var failedStates = []event.State{event.Failed, event.Timeout, event.Unknown}

// in lists the hosts in one of some states.
func (r *Results) in(states ...event.State) []string {
	list := []string{}
	for _, h := range r.hosts {
		if slices.Contains(states, r.state(h.Name)) {
			list = append(list, h.Name)
		}
	}
	return list
}

// Each lists how the hosts ended, in their order.
func (r *Results) Each() []event.HostResult {
	list := make([]event.HostResult, len(r.hosts))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, h := range r.hosts {
		list[i] = event.HostResult{Host: h.Name, State: r.states[h.Name], Error: r.errors[h.Name]}
	}
	return list
}

// Value is what a host gave; nil when it gave nothing.
func (r *Results) Value(name string) any {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.values[name]
}

// SetStopped notes why a rollout ended early.
func (r *Results) SetStopped(reason error) { r.stop = reason }

// Stopped is why a rollout ended early; nil when it did not.
func (r *Results) Stopped() error { return r.stop }

// Outputs is what the hosts answered, ready to be folded.
func (r *Results) Outputs() []event.HostOutput {
	list := make([]event.HostOutput, 0, len(r.hosts))
	values := r.byValue()
	for _, h := range r.Each() {
		o := event.HostOutput{Host: h.Host, State: h.State}
		if result, ok := values[h.Host].(command.Result); ok {
			o.Output = result.Stdout + result.Stderr
			if result.Code >= 0 {
				o.Code = &result.Code
			}
		} else if content, ok := values[h.Host].([]byte); ok {
			o.Output = string(content)
		} else if h.Error != nil {
			o.Output = fault.From(h.Error).Text()
		}
		list = append(list, o)
	}
	return list
}

// String is the results in one line: "5 hosts: 4 ok, 1 failed".
func (r *Results) String() string {
	text, _, _ := strings.Cut(event.Summarize(r.Each(), 0).String(), " (")
	return text
}

// Failure is the error of a fan-out in which not all is well. Hosts that were
// skipped by request are well enough.
func (r *Results) Failure() error {
	var failed []event.HostResult
	left := 0
	for _, h := range r.Each() {
		switch {
		case h.State == event.Skipped:
			left++
		case h.Error != nil:
			failed = append(failed, h)
		}
	}
	switch {
	case len(failed) == 0 && r.stop == nil:
		return nil
	case len(failed) == 0:
		return withResult(r.stop, r)
	case len(r.hosts) == 1:
		return withResult(failed[0].Error, r)
	}
	return withResult(r.summary(failed, left), r)
}

// withResult gives a copy of an error that carries the results.
func withResult(err error, r *Results) error {
	e := *fault.From(err)
	e.Result = r
	return &e
}

// summary tells how many hosts failed and why, with their common kind.
func (r *Results) summary(failed []event.HostResult, left int) error {
	const shown = 3
	kind := fault.KindOf(failed[0].Error)
	for _, h := range failed {
		if fault.KindOf(h.Error) != kind {
			kind = fault.Failed
		}
	}
	told, reasons := 0, foldErrors(failed)
	var texts []string
	for _, reason := range reasons[:min(shown, len(reasons))] {
		told += len(reason.hosts)
		texts = append(texts, reason.String())
	}
	text := strings.Join(texts, "; ")
	if told < len(failed) {
		text += fmt.Sprintf("; and %d more", len(failed)-told)
	}
	if r.stop != nil && left > 0 {
		text += fmt.Sprintf("; %d were left out", left)
		if why := fault.From(r.stop).Text(); !strings.Contains(text, why) {
			text += ": " + why
		}
	}
	return fault.New(kind, "%d of %d hosts failed: %s", len(failed), len(r.hosts), text)
}

// StateOn tells the state in which an error leaves one host: what another one or
// a server refused is a failure here.
func StateOn(host string, err error) event.State {
	state := StateOf(err)
	if state == event.Unreachable && transport.Unreached(err) != host {
		return event.Failed
	}
	return state
}

// StateOf tells the state for which an error stands.
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
	case fault.Skipped:
		return event.Skipped
	default:
		return event.Failed
	}
}

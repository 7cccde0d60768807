package run

import (
	"slices"

	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/journal"
	"gofab/runtime/task"
)

// FanOptions say how a run goes through its hosts, for what its tasks leave
// open.
type FanOptions struct {
	host.Fan
	Strategy string // task.Linear or task.Free; "" is linear
}

// runner makes a runner of tasks. Those that a script runs itself know nothing
// of what the command line says of the run as a whole.
func (r *Run) runner(whole bool) *task.Runner {
	runner := &task.Runner{
		Events: r.Events, Select: r.Select, Hosts: r.services, Around: append(slices.Clip(r.around), r.hooks.Visits()...),
		Turns: task.TurnsOf(r.Env), Ledger: task.LedgerOf(r.Env),
	}
	if whole {
		runner.Fan, runner.Strategy = r.options.Fan.Fan, r.options.Fan.Strategy
	} else {
		runner.Around = append([]task.Around{journal.Within}, runner.Around...)
	}
	return runner
}

// tell says how the hosts ended.
func (r *Run) tell(results []event.HostResult) {
	for _, h := range results {
		r.Events.Emit(event.HostState{Host: h.Host, State: h.State, Error: event.Fail(h.Error)})
	}
}

package run

import (
	"context"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/world"
)

// ExitCode tells the exit code of a run that ended with these results and this
// error.
func (r *Run) ExitCode(results []event.HostResult, err error) int {
	if code, ok := world.Exited(r.Context); ok {
		return code
	}
	if r.Context.Err() != nil && fault.KindOf(context.Cause(r.Context)) == fault.Cancelled {
		return world.ExitInterrupted
	}
	if err != nil {
		return CodeOf(err)
	}
	return codeOfHosts(results, r.stopped != nil)
}

// CodeOf tells the exit code of an error outside of all hosts.
func CodeOf(err error) int {
	e := fault.From(err)
	switch e.Kind {
	case fault.Usage:
		return world.ExitUsage
	case fault.Cancelled:
		return world.ExitInterrupted
	case fault.Unreachable, fault.Auth, fault.HostKey:
		return world.ExitUnreachable
	default:
		return world.ExitFailed
	}
}

// codeOfHosts counts how the hosts ended. One that was skipped has not failed:
// what it was skipped for has its own say: a failure of another host, or a
// rollout that stopped. But a run that reached nobody has done nothing, even if
// that was excused.
func codeOfHosts(results []event.HostResult, stopped bool) int {
	count := map[event.State]int{}
	unreachable := 0 // all of them, those that were excused as well
	for _, r := range results {
		count[r.State]++
		if host.StateOf(r.Error) == event.Unreachable {
			unreachable++
		}
	}
	skipped := count[event.Skipped]
	switch n := len(results); {
	case n > 0 && unreachable == n:
		return world.ExitUnreachable
	case count[event.OK]+skipped == n && !stopped:
		return world.ExitOK
	case count[event.OK] > 0 && count[event.OK] < n:
		return world.ExitPartial
	default:
		return world.ExitFailed
	}
}

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
// the reason has its own say, be it a failure of another host, a rollout that
// stopped, or somebody's wish. But a run that reached nobody has done nothing,
// even if that was excused.
func codeOfHosts(results []event.HostResult, stopped bool) int {
	ok, excused, unreachable := 0, 0, 0
	for _, r := range results {
		switch {
		case r.State == event.OK:
			ok++
		case r.State == event.Skipped:
			excused++
		}
		if host.StateOn(r.Host, r.Error) == event.Unreachable {
			unreachable++
		}
	}
	switch n := len(results); {
	case n > 0 && unreachable == n:
		return world.ExitUnreachable
	case ok+excused == n && !stopped:
		return world.ExitOK
	case ok > 0 && ok < n:
		return world.ExitPartial
	default:
		return world.ExitFailed
	}
}

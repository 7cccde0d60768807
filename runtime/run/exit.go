package run

import (
	"context"

	"gofab/internal/fault"
	"gofab/runtime/event"
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
	return codeOfHosts(results)
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

func codeOfHosts(results []event.HostResult) int {
	count := map[event.State]int{}
	for _, r := range results {
		count[r.State]++
	}
	switch n := len(results); {
	case count[event.OK] == n:
		return world.ExitOK
	case count[event.Unreachable] == n:
		return world.ExitUnreachable
	case count[event.OK] > 0:
		return world.ExitPartial
	default:
		return world.ExitFailed
	}
}

package run

import (
	"testing"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/world"
)

// The exit code of every mixture of states: each host is one letter.
func TestExitCodes(t *testing.T) {
	states := map[rune]event.HostResult{
		'o': {State: event.OK},
		'f': {State: event.Failed, Error: fault.New(fault.Exit, "exit 1")},
		't': {State: event.Timeout, Error: fault.New(fault.Timeout, "too slow")},
		'x': {State: event.Unknown, Error: fault.New(fault.Lost, "the link is lost")},
		'c': {State: event.Cancelled},
		's': {State: event.Skipped, Error: fault.New(fault.Skipped, "left out")},
	}
	for _, c := range []struct {
		hosts   string
		stopped bool
		want    int
	}{
		{"", false, world.ExitOK}, {"o", false, world.ExitOK}, {"ooo", false, world.ExitOK},
		{"f", false, world.ExitFailed}, {"t", false, world.ExitFailed}, {"x", false, world.ExitFailed}, {"c", false, world.ExitFailed},
		{"ftxc", false, world.ExitFailed},
		{"of", false, world.ExitPartial}, {"to", false, world.ExitPartial}, {"ox", false, world.ExitPartial}, {"co", false, world.ExitPartial},
		// what is skipped leaves the say to the others, and to why it was
		{"s", false, world.ExitOK}, {"os", false, world.ExitOK}, {"fs", false, world.ExitFailed}, {"ofs", false, world.ExitPartial},
		{"o", true, world.ExitFailed}, {"os", true, world.ExitPartial}, {"s", true, world.ExitFailed}, {"fs", true, world.ExitFailed},
		{"ofs", true, world.ExitPartial},
	} {
		var results []event.HostResult
		for _, letter := range c.hosts {
			results = append(results, states[letter])
		}
		if got := codeOfHosts(results, c.stopped); got != c.want {
			t.Errorf("%q, stopped %v: exit code %d, want %d", c.hosts, c.stopped, got, c.want)
		}
	}
}

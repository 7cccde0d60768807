//go:build linux

package run_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/run"
)

// account is what the events of a run say.
type account struct {
	ended   []string // the script's own words on each host
	states  map[string]event.State
	codes   map[string]int // of the commands that ended; -1 for none
	open    map[uint64]string
	summary event.Summary
	last    event.Event
}

func readAccount(t *testing.T, jsonl []byte) *account {
	t.Helper()
	r := &account{states: map[string]event.State{}, codes: map[string]int{}, open: map[uint64]string{}}
	for line := range bytes.Lines(jsonl) {
		entry, err := event.Decode(line)
		if err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		r.last = entry.Event
		switch e := entry.Event.(type) {
		case event.Print:
			for l := range strings.Lines(e.Text) {
				r.ended = append(r.ended, strings.TrimSpace(l))
			}
		case event.HostState:
			if _, twice := r.states[e.Host]; twice {
				t.Errorf("%s ended twice", e.Host)
			}
			r.states[e.Host] = e.State
		case event.CommandStart:
			r.open[e.ID] = e.Host
		case event.CommandEnd:
			if r.open[e.ID] != e.Host {
				t.Errorf("a command of %s ended that had not begun", e.Host)
			}
			delete(r.open, e.ID)
			r.codes[e.Host] = -1
			if e.Code != nil {
				r.codes[e.Host] = *e.Code
			}
		case event.RunEnd:
			r.summary = e.Summary
		}
	}
	return r
}

// live has the hosts of a plot do some work and compares all that is said about
// it with the plot.
func (c *town) live(t *testing.T, name string, p *plot, way string, forks int) {
	t.Helper()
	ctx, stop := context.WithTimeoutCause(t.Context(), 5*time.Minute, fmt.Errorf("seed %s (%s) hangs", name, way))
	defer stop()
	var out testenv.Buffer
	r := fabfile(t, ctx, &out, p.lua+showResults+fateScripts[way], func(o *run.Options) {
		o.Format, o.Forks, o.Sandbox.On, o.Remote.ConfigFile = run.JSONL, forks, false, c.config
	})
	results := do(t, r, "t")
	code := r.ExitCode(results, nil)
	r.Close()
	got := readAccount(t, []byte(out.String()))
	if diff := p.compare(got, way); diff != "" {
		t.Errorf("seed %s (%s): %s", name, way, diff)
	}
	if way != "task" {
		return
	}
	if want := p.exitCode(); code != want {
		t.Errorf("seed %s: exit code %d, want %d", name, code, want)
	}
	for i, h := range results {
		if h.Host != p.names[i] || h.State != p.fates[i].state {
			t.Errorf("seed %s: %s ended %s, want %s ended %s", name, h.Host, h.State, p.names[i], p.fates[i].state)
		}
	}
}

// compare tells how a report differs from what happened.
func (p *plot) compare(got *account, way string) string {
	var ended []string
	codes, states := map[string]int{}, map[string]event.State{}
	count := map[event.State]int{}
	for i, name := range p.names {
		f := p.fates[i]
		if way != "task" || f.state == event.OK {
			ended = append(ended, fmt.Sprintf("ended\t%s\t%s\t%d", name, f.state, f.output))
		}
		if f.code != noCommand {
			codes[name] = f.code
		}
		states[name] = f.state
		count[f.state]++
	}
	diff := cmp.Diff(sortedLines(ended), sortedLines(got.ended)) + cmp.Diff(codes, got.codes)
	if len(got.open) > 0 {
		diff += fmt.Sprintf("commands without an end: %v\n", got.open)
	}
	if _, ok := got.last.(event.RunEnd); !ok {
		diff += fmt.Sprintf("the last event is %T\n", got.last)
	}
	if way == "task" {
		diff += cmp.Diff(states, got.states) + cmp.Diff(count, got.summary.States)
	}
	return diff
}

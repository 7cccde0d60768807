package run

import (
	"context"

	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/task"
)

// hooked does the work of a run inside the hooks of runs. When a hook lets it
// not begin, no host was visited.
func (r *Run) hooked(start event.RunStart, work func(context.Context) []event.HostResult) ([]event.HostResult, error) {
	begun := false
	results, err := r.hooks.Whole(r.Context, start, func(ctx context.Context) ([]event.HostResult, error) {
		begun = true
		return work(ctx), nil
	})
	if begun {
		return results, err
	}
	hosts := start.Hosts
	if len(hosts) == 0 {
		hosts = []string{inventory.LocalName}
	}
	for _, name := range hosts {
		results = append(results, event.HostResult{Host: name, State: event.Skipped})
	}
	return results, err
}

func (r *Run) start(steps []task.Step, targets [][]*inventory.Host) event.RunStart {
	e := event.RunStart{File: r.file}
	seen := map[string]bool{}
	for i, step := range steps {
		e.Tasks = append(e.Tasks, step.Task.Name)
		e.Visits += len(targets[i])
		for _, h := range targets[i] {
			if !seen[h.Name] && h.Name != inventory.LocalName {
				seen[h.Name] = true
				e.Hosts = append(e.Hosts, h.Name)
			}
		}
	}
	r.Events.Emit(e)
	return e
}

func (r *Run) end(results []event.HostResult) {
	took := r.options.World.Now().Sub(r.began)
	r.Events.Emit(event.RunEnd{Summary: event.Summarize(results, took)})
}

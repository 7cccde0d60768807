package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gofab/internal/hostrange"
	"gofab/internal/termsafe"
	"gofab/runtime/event"
)

// Table puts hosts with the same state, tasks and reason together, the well
// ones last.
func (r *Report) Table() []event.Row {
	type key struct {
		state         event.State
		tasks, reason string
	}
	var order []key
	hosts := map[key][]*Host{}
	for _, h := range r.Hosts {
		row := newHostRow(h)
		k := key{h.State, row.Tasks, row.Reason}
		if hosts[k] == nil {
			order = append(order, k)
		}
		hosts[k] = append(hosts[k], h)
	}
	slices.SortStableFunc(order, func(a, b key) int { return cmp.Compare(rank(a.state), rank(b.state)) })
	var rows []event.Row
	for _, k := range order {
		var names []string
		for _, h := range hosts[k] {
			names = append(names, h.Name)
		}
		rows = append(rows, event.Row{
			State: k.state, Hosts: termsafe.Line(hostrange.Fold(names)), Tasks: k.tasks, Time: span(hosts[k]), Reason: k.reason,
		})
	}
	return rows
}

// span is the least and the longest time that hosts took.
func span(hosts []*Host) string {
	least, most := hosts[0].Duration, hosts[0].Duration
	for _, h := range hosts {
		least, most = min(least, h.Duration), max(most, h.Duration)
	}
	if least.String() == most.String() {
		return most.String()
	}
	return fmt.Sprintf("%s to %s", least, most)
}

// Timing tells in lines where the time went.
func (r *Report) Timing(n int) []string {
	var lines []string
	add := func(title string, slow []Slow) {
		for i, s := range slow {
			if i > 0 {
				title = ""
			}
			name := termsafe.Truncate(termsafe.Line(s.Name), 40)
			pad := strings.Repeat(" ", max(0, 40-termsafe.Width(name)))
			lines = append(lines, fmt.Sprintf("%-9s %12s  %s%s  %s", title, s.Duration, name, pad, termsafe.Line(s.Detail)))
		}
	}
	add("tasks", r.SlowTasks(n))
	add("hosts", r.SlowHosts(n))
	add("commands", r.SlowCommands(n))
	if connect, all := r.Connecting(); connect > 0 && all > 0 {
		share := float64(time.Duration(connect)) / float64(time.Duration(all)) * 100
		lines = append(lines, fmt.Sprintf("%-9s %12s  %.0f %% of all hosts' time (%s)", "connect", connect, share, all))
	}
	return lines
}

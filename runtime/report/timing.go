package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"gofab/runtime/event"
)

// Slow is something that took its time.
type Slow struct {
	Name     string
	Detail   string // "on web7", "3 tasks"
	Duration event.Seconds
}

// SlowTasks lists the tasks that took longest over all hosts, the longest
// first.
func (r *Report) SlowTasks(n int) []Slow {
	var all []Slow
	for _, t := range r.Tasks {
		hosts, slowest, longest := 0, "", event.Seconds(-1)
		for _, h := range r.Hosts {
			for _, v := range h.Tasks {
				if v.Task != t.Name {
					continue
				}
				if hosts++; v.Duration > longest {
					slowest, longest = h.Name, v.Duration
				}
			}
		}
		detail := plural(hosts, "host")
		if hosts > 1 {
			detail += fmt.Sprintf(", longest %s %s", slowest, longest)
		}
		all = append(all, Slow{shown(t.Name, "script"), detail, t.Duration})
	}
	return slowest(all, n)
}

// SlowHosts lists the hosts that were at work longest.
func (r *Report) SlowHosts(n int) []Slow {
	var all []Slow
	for _, h := range r.Hosts {
		detail := plural(h.Commands, "command")
		if h.Connect > 0 {
			detail += ", connecting " + h.Connect.String()
		}
		all = append(all, Slow{h.Name, detail, h.Duration})
	}
	return slowest(all, n)
}

// SlowCommands lists the commands that took longest on one host.
func (r *Report) SlowCommands(n int) []Slow {
	var all []Slow
	for _, c := range r.Commands {
		all = append(all, Slow{c.Command, "on " + c.Host, c.Duration})
	}
	return slowest(all, n)
}

func slowest(all []Slow, n int) []Slow {
	slices.SortStableFunc(all, func(a, b Slow) int { return cmp.Compare(b.Duration, a.Duration) })
	return all[:min(n, len(all))]
}

// Connecting is the time that all hosts took for their connections, and for
// everything.
func (r *Report) Connecting() (connect, all event.Seconds) {
	for _, h := range r.Hosts {
		connect += h.Connect
		all += h.Duration
	}
	return connect, all
}

// slowList is a part of the page: the longest tasks, hosts or commands.
type slowList struct {
	Title string
	Note  string
	Items []slowItem
}

type slowItem struct {
	Name, Detail, Took string
	Width              template.CSS
}

func slowLists(r *Report, n int) []slowList {
	connect, all := r.Connecting()
	share := ""
	if connect > 0 && all > 0 {
		share = fmt.Sprintf("%d %% of all hosts' time went into connections", int(percent(connect, all)+0.5))
	}
	lists := []slowList{
		newSlowList("Tasks", "", r.SlowTasks(n)), newSlowList("Hosts", share, r.SlowHosts(n)),
		newSlowList("Commands", "", r.SlowCommands(n)),
	}
	return slices.DeleteFunc(lists, func(l slowList) bool { return len(l.Items) < 2 })
}

func newSlowList(title, note string, all []Slow) slowList {
	list := slowList{Title: title, Note: note}
	for _, s := range all {
		list.Items = append(list.Items, slowItem{
			Name: shorten(oneLine(s.Name), 200), Detail: oneLine(s.Detail), Took: s.Duration.String(),
			Width: template.CSS(fmt.Sprintf("width:%.1f%%", percent(s.Duration, max(all[0].Duration, 1)))),
		})
	}
	return list
}

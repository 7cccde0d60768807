package report

import (
	"slices"

	"gofab/runtime/event"
)

// Report gives the run as it is known so far. It shares its parts with the
// collector.
func (c *Collector) Report() *Report {
	r := c.report
	r.Complete = c.ending != nil
	r.Duration = event.Seconds(c.last.Sub(r.Started))
	if c.ending != nil {
		r.Duration = max(r.Duration, c.ending.Duration)
	}
	for _, j := range c.running {
		if !j.settled {
			c.settle(j)
		}
	}
	for _, host := range r.Hosts {
		c.settleHost(c.hosts[host.Name])
	}
	r.Tasks = tasksOf(r.Hosts)
	r.Summary = c.summary(&r)
	return &r
}

// settleHost decides how a host ended, and gives one without a task its part
// in the report all the same.
func (c *Collector) settleHost(h *track) {
	now := event.Seconds(c.last.Sub(c.report.Started))
	if !h.ended {
		h.State, h.Error = c.judge(h)
	}
	if h.open != nil { // the run ended before the task
		h.open.State, h.open.Error, h.open.Duration = h.State, h.Error, now-h.open.Start
	}
	h.Start, h.Duration = 0, 0
	if len(h.acts) > 0 {
		h.Start, h.Duration = h.acts[0], h.acts[1]-h.acts[0]
	}
	if len(h.Tasks) == 0 {
		h.Tasks = []*Visit{{Task: c.task(h), State: h.State, Error: h.Error, Start: h.Start, Duration: h.Duration}}
	}
}

// judge decides about a host of which nobody told how it ended, as in a script
// without tasks.
func (c *Collector) judge(h *track) (event.State, *event.Failure) {
	for i := range c.report.Problems {
		if p := &c.report.Problems[i]; p.Host == h.Name {
			return stateOf(p.Kind), p
		}
	}
	if i := slices.IndexFunc(h.Tasks, func(v *Visit) bool { return v.State.Bad() }); i >= 0 {
		return h.Tasks[i].State, h.Tasks[i].Error
	}
	switch {
	case h.open != nil, h.last != nil && !h.last.OK && h.last.Code == nil && !h.last.Dry:
		return c.interrupted(), nil
	case h.answer != "":
		return h.answer, nil
	case len(c.report.Problems) > 0 && h.last != nil && !h.last.OK: // a script that went on has accepted the code
		return event.Failed, nil
	case len(h.acts) > 0:
		return event.OK, nil
	case len(c.report.Problems) > 0 && len(c.planned) == 0:
		return event.Unknown, nil
	default:
		return event.Skipped, nil
	}
}

// interrupted is the state of a host that was at work when the run ended.
func (c *Collector) interrupted() event.State {
	for _, p := range c.report.Problems {
		if s := stateOf(p.Kind); s == event.Cancelled || s == event.Timeout {
			return s
		}
	}
	return event.Unknown
}

// tasksOf puts the visits of all hosts together.
func tasksOf(hosts []*Host) []Task {
	tasks := []Task{}
	index := map[string]int{}
	for _, host := range hosts {
		for _, v := range host.Tasks {
			at, known := index[v.Task]
			if !known {
				at = len(tasks)
				index[v.Task] = at
				tasks = append(tasks, Task{Name: v.Task, Start: v.Start, Duration: v.Duration, States: map[event.State]int{}})
			}
			t := &tasks[at]
			end := max(t.Start+t.Duration, v.Start+v.Duration)
			t.Start = min(t.Start, v.Start)
			t.Duration = end - t.Start
			t.States[v.State]++
		}
	}
	slices.SortStableFunc(tasks, func(a, b Task) int { return int(a.Start - b.Start) })
	return tasks
}

// summary counts the hosts. This machine counts where the run itself counted
// it, or where there is no other.
func (c *Collector) summary(r *Report) Summary {
	s := Summary{States: map[event.State]int{}}
	for _, host := range r.Hosts {
		if host.Name == local && len(r.Hosts) > 1 && !c.hosts[local].ended {
			continue
		}
		s.Hosts++
		s.States[host.State]++
	}
	return s
}

// Document makes a sink that writes a report at the end of the run. The
// collector must come before it in the list of sinks.
func (c *Collector) Document(write func(*Report) error) event.Sink { return &document{c, write} }

type document struct {
	collector *Collector
	write     func(*Report) error
}

func (d *document) Handle(event.Entry) error { return nil }
func (d *document) Flush() error             { return nil }

// Finish writes the report.
func (d *document) Finish() error { return d.write(d.collector.Report()) }

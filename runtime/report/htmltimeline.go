package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"gofab/runtime/event"
)

// Limits of the timeline.
const (
	maxLanes     = 40 // lanes in all
	maxBadLanes  = 25 // of which are for hosts that are not well
	maxLaneMarks = 60 // commands shown in one lane
	labelShare   = 14 // a bar of so many percent has room for its name
)

// lane is a line of the timeline: one host with its tasks, or several that
// fared alike with how many of them were at work at a time.
type lane struct {
	Names string
	Count int
	State event.State
	Sign  string
	Bars  []bar
	Marks []bar  // single commands, below the bars
	Area  string // the outline of several hosts: an SVG path, 100 by 100
	Tip   string
}

// bar is a span of time.
type bar struct {
	State      event.State
	Place      template.CSS
	Label, Tip string
}

type tick struct {
	Place template.CSS
	Label string
}

type legend struct {
	State event.State
	Sign  string
}

// timeline draws who was at work when.
func (p *page) timeline(r *Report) {
	whole := max(r.Duration, event.Seconds(time.Millisecond))
	marks := marksOf(r)
	for _, group := range laneGroups(r.Hosts) {
		p.Lanes = append(p.Lanes, newLane(group, whole, marks))
	}
	p.Ticks = ticks(time.Duration(whole))
	for _, s := range p.States {
		p.Legend = append(p.Legend, legend{s.State, s.Sign})
	}
}

// laneGroups gives every host a lane where there are few. Of many, those that
// are not well come first, and the others share lanes in the order in which they
// began.
func laneGroups(hosts []*Host) [][]*Host {
	var bad, well [][]*Host
	for _, h := range hosts {
		if h.State == event.OK || h.State == event.Skipped {
			well = append(well, []*Host{h})
		} else {
			bad = append(bad, []*Host{h})
		}
	}
	if len(hosts) <= maxLanes {
		all := make([][]*Host, 0, len(hosts))
		for _, h := range hosts {
			all = append(all, []*Host{h})
		}
		return all
	}
	bad = share(bad, maxBadLanes)
	return append(bad, share(well, maxLanes-len(bad))...)
}

// byFate brings hosts in one state together: the worst first, skipped ones last,
// and each in the order in which they began.
func byFate(a, b *Host) int {
	return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), cmp.Compare(a.Start, b.Start))
}

func rank(s event.State) int {
	switch s {
	case event.OK:
		return len(event.States)
	case event.Skipped:
		return len(event.States) + 1
	}
	return slices.Index(event.States, s)
}

// share puts single hosts together until there are no more than so many groups,
// each of hosts in one state.
func share(single [][]*Host, groups int) [][]*Host {
	slices.SortStableFunc(single, func(a, b []*Host) int { return byFate(a[0], b[0]) })
	if len(single) <= groups {
		return single
	}
	hosts := slices.Concat(single...)
	states := 1
	for i := 1; i < len(hosts); i++ {
		if hosts[i].State != hosts[i-1].State {
			states++
		}
	}
	room := max(1, groups-states+1)
	size := (len(hosts) + room - 1) / room
	var all [][]*Host
	for _, h := range hosts {
		last := len(all) - 1
		if last < 0 || len(all[last]) == size || all[last][0].State != h.State {
			all = append(all, nil)
			last++
		}
		all[last] = append(all[last], h)
	}
	return all
}

func newLane(hosts []*Host, whole event.Seconds, marks map[string][]*Command) lane {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	l := lane{Names: foldNames(names), Count: len(hosts), State: hosts[0].State, Sign: signs[hosts[0].State]}
	if len(hosts) > 1 {
		l.Area, l.Tip = area(hosts, whole)
		return l
	}
	for _, v := range hosts[0].Tasks {
		l.Bars = append(l.Bars, newBar(v, whole))
	}
	for _, c := range marks[hosts[0].Name] {
		state := event.OK
		if !c.OK && !c.Dry {
			state = event.Failed
		}
		l.Marks = append(l.Marks, bar{
			State: state, Place: place(c.Start, c.Start+c.Duration, whole),
			Tip: fmt.Sprintf("%s: %s", shorten(oneLine(c.Command), 200), c.Duration),
		})
	}
	return l
}

func newBar(v *Visit, whole event.Seconds) bar {
	name := oneLine(shown(v.Task, "script"))
	b := bar{State: v.State, Place: place(v.Start, v.Start+v.Duration, whole), Tip: fmt.Sprintf("%s: %s, %s", name, v.State, v.Duration)}
	if percent(v.Duration, whole) >= labelShare {
		b.Label = name
	}
	return b
}

// area draws how many of several hosts were at work at a time.
func area(hosts []*Host, whole event.Seconds) (path, tip string) {
	const bins = 200
	var busy [bins]int
	most := 0
	for _, h := range hosts {
		if h.Duration == 0 {
			continue
		}
		first := min(int(percent(h.Start, whole)/100*bins), bins-1)
		last := min(int(percent(h.Start+h.Duration, whole)/100*bins), bins-1)
		for i := first; i <= last; i++ {
			busy[i]++
			most = max(most, busy[i])
		}
	}
	if most == 0 {
		return "", ""
	}
	out := []byte("M0 100")
	level := 0
	for i, n := range busy {
		if n != level {
			out = fmt.Appendf(out, "H%gV%d", float64(i)*100/bins, 100-92*n/most)
			level = n
		}
	}
	return string(out) + "H100V100Z", fmt.Sprintf("%d hosts, at most %d at a time", len(hosts), most)
}

// place gives a span of time as a part of the whole.
func place(start, end, whole event.Seconds) template.CSS {
	left := percent(start, whole)
	width := min(max(percent(end-start, whole), 0.15), 100-left)
	return template.CSS(fmt.Sprintf("left:%.2f%%;width:%.2f%%", left, max(width, 0)))
}

func percent(part, whole event.Seconds) float64 {
	return min(max(float64(part)/float64(whole)*100, 0), 100)
}

// marksOf finds the commands to show in lanes, unless they are too many to be
// told apart.
func marksOf(r *Report) map[string][]*Command {
	all := map[string][]*Command{}
	for _, c := range r.Commands {
		all[c.Host] = append(all[c.Host], c)
	}
	for host, list := range all {
		if len(list) > maxLaneMarks {
			delete(all, host)
		}
	}
	return all
}

// ticks are the round times on the axis: four at the most, besides 0.
func ticks(whole time.Duration) []tick {
	steps := []time.Duration{time.Millisecond}
	for _, unit := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second} {
		steps = append(steps, unit, 2*unit, 5*unit)
	}
	for _, n := range []int{10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400} {
		steps = append(steps, time.Duration(n)*time.Second)
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if whole/s <= 4 {
			step = s
			break
		}
	}
	for whole/step > 8 {
		step *= 2
	}
	var all []tick
	for at := time.Duration(0); at <= whole; at += step {
		left := template.CSS(fmt.Sprintf("left:%.2f%%", float64(at)/float64(whole)*100))
		all = append(all, tick{left, tickLabel(at, step)})
	}
	return all
}

func tickLabel(at, step time.Duration) string {
	switch {
	case at == 0:
		return "0"
	case step < time.Second:
		return fmt.Sprintf("%g s", at.Seconds())
	case step < time.Minute && at < time.Minute:
		return fmt.Sprintf("%d s", int(at.Seconds()))
	case at < time.Hour:
		return fmt.Sprintf("%d:%02d", int(at.Minutes()), int(at.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d", int(at.Hours()), int(at.Minutes())%60)
}

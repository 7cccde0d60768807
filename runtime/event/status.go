package event

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gofab/internal/termsafe"
)

// status follows a run for the line at the bottom of a terminal: how far a
// fan-out over many hosts is, when it may be through and whom it waits for, and
// the transfers under way.
type status struct {
	run, group fanOut
	lastTask   string // a host that is through with it is done
	transfers  map[transferKey]Transfer
}

type transferKey struct{ host, direction, path string }

// Limits of the names on the line.
const (
	fewHosts    = 8 // so many that are awaited are all named
	oldestHosts = 2 // of more, those that have been at work longest
)

func (s *status) follow(event Event, now time.Time) {
	switch e := event.(type) {
	case RunStart:
		s.run = newFanOut("", e.Hosts, now)
		s.run.visits = e.Visits
		if n := len(e.Tasks); n > 0 {
			s.lastTask = e.Tasks[n-1]
		}
	case TaskStart:
		s.run.starts(e.Host, now)
	case TaskEnd:
		s.run.visited++
		delete(s.run.running, e.Host)
		if e.Task == s.lastTask || e.State != OK {
			s.run.ends(e.Host, e.State)
		}
	case GroupStart:
		s.group = newFanOut(e.Command, e.Hosts, now)
	case GroupResult:
		s.group = fanOut{}
	case CommandStart:
		if e.Group {
			s.group.starts(e.Host, now)
		}
	case CommandEnd:
		if e.Group {
			s.group.ends(e.Host, stateOf(e))
		}
	case HostState:
		s.group.ends(e.Host, e.State)
		s.run.ends(e.Host, e.State)
	case Transfer:
		s.transfer(e)
	case RunEnd:
		*s = status{}
	}
}

func stateOf(e CommandEnd) State {
	if e.OK {
		return OK
	}
	return Failed
}

func (s *status) transfer(e Transfer) {
	key := transferKey{e.Host, e.Direction, e.Path}
	if e.Finished {
		delete(s.transfers, key)
		return
	}
	if s.transfers == nil {
		s.transfers = map[transferKey]Transfer{}
	}
	s.transfers[key] = e
}

// line is the status in at most so many columns; empty when there is nothing
// worth a line.
func (s *status) line(columns int, now time.Time) string {
	text := s.group.line(now)
	if text == "" {
		text = s.run.line(now)
	}
	if moving := s.moving(); moving != "" && text != "" {
		text += "  " + moving
	} else {
		text += moving
	}
	return termsafe.Truncate(termsafe.Line(text), columns)
}

// fanOut is work on several hosts of which some are not done.
type fanOut struct {
	title   string
	total   int
	began   time.Time
	pending map[string]bool
	running map[string]time.Time // since when
	ok, bad int
	visits  int // tasks on hosts that the run consists of, where that is known
	visited int
}

func newFanOut(title string, hosts []string, now time.Time) fanOut {
	f := fanOut{title: title, total: len(hosts), began: now, pending: make(map[string]bool, len(hosts)), running: map[string]time.Time{}}
	for _, host := range hosts {
		f.pending[host] = true
	}
	return f
}

func (f *fanOut) starts(host string, now time.Time) {
	if f.pending[host] {
		f.running[host] = now
	}
}

func (f *fanOut) ends(host string, state State) {
	if !f.pending[host] {
		return
	}
	delete(f.pending, host)
	delete(f.running, host)
	switch {
	case state == OK:
		f.ok++
	case state.Bad():
		f.bad++
	}
}

// line is "[60/200 hosts] 57 ok, 3 failed, 32 running, about 2 min left, web17
// for 45 s".
func (f *fanOut) line(now time.Time) string {
	if f.total < 2 || len(f.pending) == 0 {
		return ""
	}
	parts := []string{}
	if f.bad > 0 {
		parts = append(parts, fmt.Sprintf("%d ok, %d failed", f.ok, f.bad))
	}
	few := len(f.pending) <= fewHosts && len(f.pending) < f.total
	if len(f.running) > 0 && !few {
		parts = append(parts, fmt.Sprintf("%d running", len(f.running)))
	}
	if left, known := f.left(now); known {
		parts = append(parts, "about "+roughly(left)+" left")
	}
	if few {
		parts = append(parts, "waiting for "+names(slices.Collect(maps.Keys(f.pending))))
	} else {
		parts = append(parts, f.oldest(now)...)
	}
	text := strings.TrimSuffix(fmt.Sprintf("[%d/%d hosts] ", f.total-len(f.pending), f.total)+strings.Join(parts, ", "), " ")
	if f.title != "" {
		text += "  " + f.title
	}
	return text
}

// Limits of an estimate: before that it would be a guess.
const (
	leastDone = 3
	leastTime = 2 * time.Second
)

// left estimates the time that is left from what is done so far.
func (f *fanOut) left(now time.Time) (time.Duration, bool) {
	done, all := f.total-len(f.pending), f.total
	if f.visits > f.total {
		done, all = f.visited, f.visits
	}
	took := now.Sub(f.began)
	if done < leastDone || took < leastTime || done >= all {
		return 0, false
	}
	return time.Duration(float64(took) / float64(done) * float64(all-done)), true
}

// oldest names the hosts that have been at work longest, once that is long.
func (f *fanOut) oldest(now time.Time) []string {
	hosts := slices.SortedFunc(maps.Keys(f.running), func(a, b string) int {
		return cmp.Or(f.running[a].Compare(f.running[b]), cmp.Compare(a, b))
	})
	var parts []string
	for _, host := range hosts[:min(len(hosts), oldestHosts)] {
		if took := now.Sub(f.running[host]); took >= leastTime {
			parts = append(parts, host+" for "+roughly(took))
		}
	}
	return parts
}

// roughly is a duration that does not pretend to be exact.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(d.Seconds())))
	case d < 10*time.Minute:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60/10*10)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

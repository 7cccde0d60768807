package event

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"gofab/internal/termsafe"
)

// status follows a run for the line at the bottom of a terminal: how far a
// fan-out over many hosts is and whom it waits for, and the transfers under way.
type status struct {
	run, group fanOut
	lastTask   string // a host that is through with it is done
	transfers  map[transferKey]Transfer
}

type transferKey struct{ host, direction, path string }

// fanOut is work on several hosts of which some are not done.
type fanOut struct {
	title   string
	total   int
	pending map[string]bool
}

// fewHosts is how many names of those still awaited are shown.
const fewHosts = 8

func (s *status) follow(event Event) {
	switch e := event.(type) {
	case RunStart:
		s.run = newFanOut("", e.Hosts)
		if n := len(e.Tasks); n > 0 {
			s.lastTask = e.Tasks[n-1]
		}
	case TaskEnd:
		if e.Task == s.lastTask || e.State != OK {
			delete(s.run.pending, e.Host)
		}
	case GroupStart:
		s.group = newFanOut(e.Command, e.Hosts)
	case GroupResult:
		s.group = fanOut{}
	case CommandEnd:
		if e.Group {
			delete(s.group.pending, e.Host)
		}
	case HostState:
		delete(s.group.pending, e.Host)
		delete(s.run.pending, e.Host)
	case Transfer:
		s.transfer(e)
	case RunEnd:
		*s = status{}
	}
}

func newFanOut(title string, hosts []string) fanOut {
	f := fanOut{title: title, total: len(hosts), pending: make(map[string]bool, len(hosts))}
	for _, host := range hosts {
		f.pending[host] = true
	}
	return f
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
func (s *status) line(columns int) string {
	text := s.group.String()
	if text == "" {
		text = s.run.String()
	}
	if moving := s.moving(); moving != "" && text != "" {
		text += "  " + moving
	} else {
		text += moving
	}
	return termsafe.Truncate(termsafe.Line(text), columns)
}

func (f fanOut) String() string {
	if f.total < 2 || len(f.pending) == 0 {
		return ""
	}
	text := fmt.Sprintf("[%d/%d hosts]", f.total-len(f.pending), f.total)
	if f.title != "" {
		text += " " + f.title
	}
	if len(f.pending) <= fewHosts && len(f.pending) < f.total {
		text += ", waiting for " + names(slices.Collect(maps.Keys(f.pending)))
	}
	return text
}

// moving tells about the transfers: one by its name, more by their sum.
func (s *status) moving() string {
	var sum Transfer
	for _, e := range s.transfers {
		sum = Transfer{
			Host: e.Host, Direction: e.Direction, Path: e.Path,
			Done: sum.Done + e.Done, Total: addTotals(sum.Total, e.Total), Duration: max(sum.Duration, e.Duration),
		}
	}
	switch len(s.transfers) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s %s %s %s", sum.Host, sum.Direction, sum.Path, amount(sum))
	}
	return fmt.Sprintf("%d transfers %s", len(s.transfers), amount(sum))
}

// addTotals keeps "nobody knows" (-1) once it is there.
func addTotals(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// amount is "45% of 12 MB, 3.2 MB/s".
func amount(e Transfer) string {
	text := size(e.Done)
	if e.Total > 0 {
		text = fmt.Sprintf("%d%% of %s", int(float64(e.Done)/float64(e.Total)*100), size(e.Total))
	}
	if took := time.Duration(e.Duration).Seconds(); took > 0 {
		text += ", " + size(int64(float64(e.Done)/took)) + "/s"
	}
	return text
}

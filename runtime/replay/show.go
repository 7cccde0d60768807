package replay

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/event"
)

// Show says what of a record is shown and how fast.
type Show struct {
	Speed float64 // 1 is as it was, 10 is ten times as fast, 0 as fast as possible
	Host  string  // only this host; "" is all
	Task  string  // only this task
}

// Run gives the events of a record one after the other.
func (s Show) Run(ctx context.Context, path string, emit func(event.Entry)) error {
	t := &showing{Show: s, inside: map[string]bool{}}
	return walk(path, func(line []byte) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		entry, err := event.Decode(line)
		if fault.KindOf(err) == fault.Unsupported {
			return nil // what was said to a host, or of a newer gofab
		}
		if err != nil {
			return err
		}
		if !t.wants(line, entry.Event) {
			return nil
		}
		if err := t.wait(ctx, entry.Time); err != nil {
			return err
		}
		emit(entry)
		return nil
	})
}

// showing is a show that is under way.
type showing struct {
	Show
	inside map[string]bool // the hosts on which the wanted task runs
	last   time.Time       // of the last event
}

// subject is what an event is about.
type subject struct {
	Event string   `json:"event"`
	Host  string   `json:"host"`
	Hosts []string `json:"hosts"`
	Task  string   `json:"task"`
}

// wants tells whether an event belongs to what is looked at. The beginning and
// the end of the run always do.
func (t *showing) wants(line []byte, e event.Event) bool {
	var about subject
	if json.Unmarshal(line, &about) != nil {
		return false
	}
	switch e.(type) {
	case event.RunStart, event.RunEnd, event.Problem:
		return true
	case event.TaskStart:
		if about.Task == t.Task {
			t.inside[about.Host] = true
		}
	case event.TaskEnd:
		if about.Task == t.Task {
			defer delete(t.inside, about.Host)
		}
	}
	if t.Host != "" && about.Host != t.Host && !slices.Contains(about.Hosts, t.Host) {
		return false
	}
	return t.Task == "" || t.inside[about.Host]
}

// wait lets the time pass that lay between two events.
func (t *showing) wait(ctx context.Context, now time.Time) error {
	before := t.last
	t.last = now
	if t.Speed <= 0 || before.IsZero() || !now.After(before) {
		return nil
	}
	timer := time.NewTimer(time.Duration(float64(now.Sub(before)) / t.Speed))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Package event is the stream of what happens in a run, and its renderers.
//
// Rules: everything a run shows or records is an Event; nothing else writes to
// the terminal. Every text passes the redactor of secrets before any sink sees
// it. Events keep the order in which they were emitted. A renderer is a Sink,
// one file each; it is called from one goroutine and needs no lock. Texts of
// remote hosts are raw in an event; the renderer makes them safe for its medium.
// Writers, widths and terminal-ness are parameters: nothing here knows the
// process it runs in.
package event

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Event is one thing that happened. The list is closed: the structs of this
// package. Their JSON tags document the keys of the jsonl format.
type Event interface {
	// Name is the value of "event" in jsonl, e.g. "task_start".
	Name() string
	// each returns a copy with every text replaced; that makes it impossible to
	// add an event whose texts the redactor does not see.
	each(visit) Event
}

// Entry is an event with its place in the run.
type Entry struct {
	Seq   uint64    // 1, 2, 3 ...
	Time  time.Time // when it was emitted, by the clock of the stream
	Event Event
	Echo  Echo // whether it comes from the handling of another event
}

// State is how a host ended. Every host ends in exactly one of them.
type State string

// The closed list of states.
const (
	OK          State = "ok"
	Failed      State = "failed"
	Timeout     State = "timeout"
	Cancelled   State = "cancelled"
	Unreachable State = "unreachable"
	Unknown     State = "unknown" // the link was lost and nobody can say
	Skipped     State = "skipped"
)

// States is the closed list in the order summaries use.
var States = []State{OK, Failed, Timeout, Unreachable, Unknown, Cancelled, Skipped}

// Bad tells whether a state is a failure of its own: neither well nor merely
// not done because of something else.
func (s State) Bad() bool {
	return s == Failed || s == Timeout || s == Unreachable || s == Unknown
}

// Level is the weight of a log line.
type Level string

// The closed list of levels.
const (
	Debug Level = "debug"
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// The two streams of a command.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// The two directions of a transfer.
const (
	Put = "put"
	Get = "get"
)

// Seconds is a duration that is written to JSON as seconds, e.g. 0.3125.
type Seconds time.Duration

// String is a duration for people: 0.31 s, 12.3 s, 4 min 05 s, 2 h 04 min.
func (s Seconds) String() string { return seconds(s) }

// MarshalJSON gives seconds, exact to the microsecond.
func (s Seconds) MarshalJSON() ([]byte, error) {
	micros := time.Duration(s).Round(time.Microsecond)
	return strconv.AppendFloat(nil, micros.Seconds(), 'f', -1, 64), nil
}

// UnmarshalJSON reads seconds.
func (s *Seconds) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	*s = Seconds(time.Duration(math.Round(seconds*1e6)) * time.Microsecond)
	return nil
}

// Steps are the times of a connection over SSH, of the attempt that succeeded.
type Steps struct {
	Connect Seconds `json:"connect"`  // name, TCP and jump hosts
	HostKey Seconds `json:"host_key"` // greeting and key exchange
	Login   Seconds `json:"login"`    // authentication
}

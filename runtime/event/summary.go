package event

import (
	"fmt"
	"strings"
	"time"

	"gofab/internal/fault"
)

// Failure is an error as events carry it: plain texts of a fault.Error.
type Failure struct {
	Kind    fault.Kind `json:"kind"`
	Message string     `json:"message"` // op, message and cause; without host and place
	Hint    string     `json:"hint,omitempty"`
	Where   string     `json:"where,omitempty"` // file:line in the user's script
	Host    string     `json:"host,omitempty"`
	Trace   []string   `json:"trace,omitempty"`
}

// Fail turns an error into a Failure, and nil into nil.
func Fail(err error) *Failure {
	if err == nil {
		return nil
	}
	e := fault.From(err)
	return &Failure{Kind: e.Kind, Message: e.Text(), Hint: e.Hint, Where: e.Where, Host: e.Host, Trace: e.Trace}
}

// HostResult is how one host ended; Error is nil when it is well.
type HostResult struct {
	Host  string
	State State
	Error error
}

// HostFailure is one host of a summary that is not well, or was left out for a
// reason.
type HostFailure struct {
	Host  string   `json:"host"`
	State State    `json:"state"`
	Error *Failure `json:"error,omitempty"`
}

// Summary is the end of a run in numbers.
type Summary struct {
	Hosts    int           `json:"hosts"`
	States   map[State]int `json:"states"`
	Failures []HostFailure `json:"failures"` // hosts in a bad state or skipped for a reason, in the order given
	Duration Seconds       `json:"duration"`
}

// Summarize counts the results of all hosts.
func Summarize(results []HostResult, took time.Duration) Summary {
	s := Summary{Hosts: len(results), States: map[State]int{}, Failures: []HostFailure{}, Duration: Seconds(took)}
	for _, r := range results {
		s.States[r.State]++
		if r.State.Bad() || r.State == Skipped && r.Error != nil {
			s.Failures = append(s.Failures, HostFailure{r.Host, r.State, Fail(r.Error)})
		}
	}
	return s
}

// String is the last line of a run: "3 hosts: 2 ok, 1 failed (12.3 s)".
func (s Summary) String() string { return s.counts() + " (" + seconds(s.Duration) + ")" }

// counts is the number of hosts and how they ended.
func (s Summary) counts() string {
	var counts []string
	for _, state := range States {
		if n := s.States[state]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, state))
		}
	}
	line := plural(s.Hosts, "host")
	if len(counts) > 0 {
		line += ": " + strings.Join(counts, ", ")
	}
	return line
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// seconds is a duration for people: 0.31 s, 12.3 s, 4 min 05 s, 2 h 04 min.
func seconds(s Seconds) string {
	d := time.Duration(s)
	whole := int(d.Round(time.Second).Seconds())
	switch {
	case d < 9995*time.Millisecond:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case whole < 3600:
		return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
	}
	return fmt.Sprintf("%d h %02d min", whole/3600, whole/60%60)
}

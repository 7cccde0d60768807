package event

import (
	"fmt"
	"strings"

	"gofab/internal/termsafe"
)

// SummaryStyle is how much the end of a run tells.
type SummaryStyle string

// The styles. Auto is a table with -v, and lines without.
const (
	SummaryAuto  SummaryStyle = "auto"
	SummaryTable SummaryStyle = "table"
	SummaryLine  SummaryStyle = "line"
	SummaryNone  SummaryStyle = "none"
)

// SummaryStyles is the closed list.
var SummaryStyles = []SummaryStyle{SummaryAuto, SummaryTable, SummaryLine, SummaryNone}

// Row is some hosts that fared alike.
type Row struct {
	State  State
	Hosts  string // folded names
	Tasks  string // "2 ok, 1 failed"
	Time   string // "3.1 s", "3.1 s to 4.0 s"
	Reason string // the first line
}

// summary ends a run: the hosts that are not well, with their reasons where
// those were not shown yet, and one line of numbers.
//
//	failed       web3
//	unreachable  web[07-09]
//	12 hosts: 8 ok, 1 failed, 3 unreachable (12.3 s)
func (t *Text) summary(s Summary) error {
	if t.o.Timing != nil {
		for _, line := range t.o.Timing() {
			if err := t.line(t.o.Err, line); err != nil {
				return err
			}
		}
	}
	if t.o.Summary == SummaryNone {
		return nil
	}
	for _, line := range t.fates(s) {
		if err := t.line(t.o.Err, line); err != nil {
			return err
		}
	}
	if s.Hosts == 0 && !t.shows(Verbose) {
		return nil // a task of this side only has nobody to count
	}
	line := s.String()
	if t.copied > 0 {
		line = fmt.Sprintf("%s (%s, %s copied)", s.counts(), seconds(s.Duration), size(t.copied))
	}
	return t.line(t.o.Err, t.paint("1", line))
}

// fates tells how the hosts ended.
func (t *Text) fates(s Summary) []string {
	if t.o.Table != nil && t.wantsTable(s) {
		return t.table(t.o.Table())
	}
	return t.failures(s.Failures)
}

func (t *Text) wantsTable(s Summary) bool {
	switch t.o.Summary {
	case SummaryTable:
		return true
	case SummaryLine:
		return false
	default:
		return t.shows(Verbose) && s.Hosts > 0
	}
}

// failures lists the hosts that are not well, a line for each state and reason.
func (t *Text) failures(failures []HostFailure) []string {
	var lines []string
	for _, group := range t.foldFailures(failures) {
		line := t.paint("31", fmt.Sprintf("%-11s", group.State)) + "  " + names(group.Hosts)
		if reason, _, _ := strings.Cut(group.Output, "\n"); reason != "" {
			line += ": " + termsafe.Line(reason)
		}
		lines = append(lines, line)
	}
	return lines
}

// foldFailures puts hosts with the same state and reason together, in the
// order of States. A reason that was shown already is not told again.
func (t *Text) foldFailures(failures []HostFailure) []Folded {
	var all []Folded
	for _, state := range States {
		var same []HostOutput
		for _, f := range failures {
			if f.State == state {
				same = append(same, HostOutput{Host: f.Host, State: state, Output: t.reason(f)})
			}
		}
		all = append(all, Fold(same)...)
	}
	return all
}

// reason is why a host is not well; "" when that was shown.
func (t *Text) reason(f HostFailure) string {
	switch {
	case f.Error == nil || f.Error.Message == "":
		return "no reason given"
	case t.said[failureOf(f.Host, f.Error.Message)]:
		return ""
	default:
		return f.Error.Message
	}
}

// table has a line for hosts that fared alike, and one for the reason.
//
//	failed       1 ok, 1 failed  3.00 s            db-01
//	             exit 2: systemctl reload nginx
//	ok           2 ok            3.12 s to 4.00 s  web[1-40]
func (t *Text) table(rows []Row) []string {
	tasks, times := 0, 0
	for _, r := range rows {
		tasks, times = max(tasks, termsafe.Width(r.Tasks)), max(times, termsafe.Width(r.Time))
	}
	var lines []string
	for _, r := range rows {
		state := fmt.Sprintf("%-11s", r.State)
		if r.State.Bad() {
			state = t.paint("31", state)
		}
		lines = append(lines, fmt.Sprintf("%s  %-*s  %-*s  %s", state, tasks, r.Tasks, times, r.Time, termsafe.Line(r.Hosts)))
		if r.Reason != "" {
			lines = append(lines, strings.Repeat(" ", 13)+termsafe.Line(r.Reason))
		}
	}
	return lines
}

// size is a number of bytes for people, in powers of 1000 as ls -h --si.
func size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value := float64(n)
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	for _, unit := range units {
		if value /= 1000; value < 999.5 {
			return fmt.Sprintf("%.3g %s", value, unit)
		}
	}
	return fmt.Sprintf("%.3g EB", value)
}

package event

import (
	"fmt"
	"strings"

	"gofab/internal/termsafe"
)

// summary ends a run: the hosts that are not well with their reasons, equal
// reasons together, and one line of numbers.
//
//	failed       web3: exit 1: systemctl restart nginx
//	unreachable  web[07-09]: connection refused
//	12 hosts: 8 ok, 1 failed, 3 unreachable (12.3 s)
func (t *Text) summary(s Summary) error {
	for _, group := range foldFailures(s.Failures) {
		state := t.paint("31", fmt.Sprintf("%-11s", group.State))
		reason, _, _ := strings.Cut(group.Output, "\n")
		if err := t.line(t.o.Err, state+"  "+names(group.Hosts)+": "+termsafe.Line(reason)); err != nil {
			return err
		}
	}
	if s.Hosts == 0 && !t.shows(Verbose) {
		return nil // a task of this side only has nobody to count
	}
	return t.line(t.o.Err, t.paint("1", s.String()))
}

// foldFailures puts hosts with the same state and reason together, in the
// order of States.
func foldFailures(failures []HostFailure) []Folded {
	var all []Folded
	for _, state := range States {
		var same []HostOutput
		for _, f := range failures {
			if f.State == state {
				same = append(same, HostOutput{Host: f.Host, State: state, Output: reason(f)})
			}
		}
		all = append(all, Fold(same)...)
	}
	return all
}

func reason(f HostFailure) string {
	if f.Error == nil || f.Error.Message == "" {
		return "no reason given"
	}
	return f.Error.Message
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

package event

import (
	"slices"
	"strings"
)

// HostOutput is what one host answered.
type HostOutput struct {
	Host   string
	State  State
	Code   *int // exit code; nil when there is none
	Output string
}

// Folded are the hosts that gave the same answer.
type Folded struct {
	Hosts  []string `json:"hosts"`
	State  State    `json:"state,omitempty"`
	Code   *int     `json:"code,omitempty"`
	Output string   `json:"output"`
}

// Fold puts hosts with equal state, code and output together. White space at
// the end of the output does not count. The largest group comes first, groups
// of one size in the order of their first host.
func Fold(outputs []HostOutput) []Folded {
	type answer struct {
		state  State
		code   int
		output string
	}
	groups := []Folded{}
	index := map[answer]int{}
	for _, o := range outputs {
		key := answer{o.State, -1, strings.TrimRight(o.Output, " \t\r\n")}
		if o.Code != nil {
			key.code = *o.Code
		}
		at, seen := index[key]
		if !seen {
			at = len(groups)
			index[key] = at
			groups = append(groups, Folded{State: o.State, Code: o.Code, Output: key.output})
		}
		groups[at].Hosts = append(groups[at].Hosts, o.Host)
	}
	slices.SortStableFunc(groups, func(a, b Folded) int { return len(b.Hosts) - len(a.Hosts) })
	return groups
}

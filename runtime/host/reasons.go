package host

import (
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/runtime/event"
)

// reason is one error, and the hosts that have it.
type reason struct {
	err   *fault.Error
	hosts []string
}

// String names all the hosts where the error names one.
func (r *reason) String() string {
	e := *r.err
	if len(r.hosts) > 1 {
		e.Host = hostrange.Fold(r.hosts)
	}
	return e.Error()
}

// foldErrors puts hosts together that failed alike, in their order.
func foldErrors(failed []event.HostResult) []*reason {
	var all []*reason
	known := map[string]*reason{}
	for _, h := range failed {
		e := *fault.From(h.Error)
		name := e.Host
		e.Host = ""
		text := e.Error()
		e.Host = name
		if name != "" && name != h.Host {
			text += " on " + name // about another host than its own
		}
		if known[text] == nil {
			known[text] = &reason{err: &e}
			all = append(all, known[text])
		}
		known[text].hosts = append(known[text].hosts, h.Host)
	}
	return all
}

package report

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"gofab/internal/hostrange"
	"gofab/runtime/event"
)

// The parts of the page. Everything is inside of the one file: it needs no
// network, and its own policy forbids one.
var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/style.css
	pageStyle string
	//go:embed page/script.js
	pageScript string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// page is what the template shows. All texts are visible() already; the
// template escapes them for HTML.
type page struct {
	Style  template.CSS
	Script template.JS
	Policy string

	File, Verdict, Took, Started string
	Worst                        event.State
	Facts                        []string // a dry run, a run without an end
	States                       []stateCount
	Troubles                     []trouble
	Lanes                        []lane
	Ticks                        []tick
	Legend                       []legend
	Hosts                        []hostRow
	Tasks                        []taskOutputs
	Slow                         []slowList
	Messages                     []messageLine
	LeftOut                      []string
}

// HTML writes the report as a page for people: one file that can be read on a
// phone and needs no script.
func HTML(w io.Writer, r *Report) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if err := pageTemplate.Execute(out, newPage(r)); err != nil {
		return err
	}
	return out.Flush()
}

func newPage(r *Report) *page {
	sum := sha256.Sum256([]byte(pageScript))
	p := &page{
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'",
		File: shown(oneLine(r.File), "script"), Verdict: verdict(r), Took: r.Duration.String(),
		Started: r.Started.Format("Monday, 2 January 2006, 15:04:05 MST"), Worst: worst(r),
		States: stateCounts(r.Summary), Troubles: troubles(r),
		Tasks: newOutputs(r).tasks(), Slow: slowLists(r, 10), Messages: messageLines(r), LeftOut: leftOut(r.LeftOut),
	}
	if r.Check {
		p.Facts = append(p.Facts, "dry run: nothing was changed")
	}
	if !r.Complete && len(r.Summary.States) > 0 && len(r.Tasks) > 0 && r.Tasks[0].Name != "" {
		p.Facts = append(p.Facts, "the run did not come to its end")
	}
	p.timeline(r)
	hosts := slices.Clone(r.Hosts)
	slices.SortStableFunc(hosts, func(a, b *Host) int { return cmp.Compare(rank(a.State), rank(b.State)) })
	for _, h := range hosts {
		p.Hosts = append(p.Hosts, newHostRow(h))
	}
	return p
}

// verdict is the run in one sentence.
func verdict(r *Report) string {
	n, ok := r.Summary.Hosts, r.Summary.States[event.OK]
	switch {
	case n == 0 && len(r.Problems) > 0:
		return "The run failed"
	case n == 0, ok == n && n == 1 && r.Hosts[0].Name == local && len(r.Problems) == 0:
		return "Done"
	case ok == n && len(r.Problems) > 0:
		return "The run failed"
	case ok == n && n == 1:
		return "The host is well"
	case ok == n:
		return fmt.Sprintf("All %d hosts are well", n)
	case n == 1:
		return fmt.Sprintf("One host: %s", worst(r))
	default:
		return fmt.Sprintf("%d of %d hosts well", ok, n)
	}
}

// worst is the state that gives the page its colour.
func worst(r *Report) event.State {
	for _, s := range []event.State{event.Failed, event.Timeout, event.Unknown, event.Unreachable, event.Cancelled} {
		if r.Summary.States[s] > 0 {
			return s
		}
	}
	if len(r.Problems) > 0 {
		return event.Failed
	}
	return event.OK
}

// signs go with the colours of states, for eyes that see no difference.
var signs = map[event.State]string{
	event.OK: "✓", event.Failed: "✕", event.Timeout: "◷", event.Unreachable: "⊘", event.Unknown: "?",
	event.Cancelled: "■", event.Skipped: "–",
}

type stateCount struct {
	State event.State
	Sign  string
	Count int
	Width template.CSS
}

func stateCounts(s Summary) []stateCount {
	var all []stateCount
	for _, state := range event.States {
		if n := s.States[state]; n > 0 {
			all = append(all, stateCount{state, signs[state], n, template.CSS(fmt.Sprintf("flex-grow:%d", n))})
		}
	}
	return all
}

// trouble is a reason with the hosts that have it.
type trouble struct {
	State         event.State
	Sign          string
	Names         string
	Count         int
	Message, Hint string
	Places        []string // in the script, innermost first
}

// troubles puts hosts with the same state and reason together, as the summary
// of the text does; errors of the run come first.
func troubles(r *Report) []trouble {
	var all []trouble
	for i := range r.Problems {
		all = append(all, newTrouble(event.Failed, nil, &r.Problems[i]))
	}
	errors := map[string]*event.Failure{}
	for _, state := range event.States {
		var same []event.HostOutput
		for _, h := range r.Hosts {
			if h.State == state && state.Bad() {
				e := h.Error
				if e == nil {
					e = &event.Failure{Message: "no reason given"}
				}
				errors[e.Message] = e
				same = append(same, event.HostOutput{Host: h.Name, State: state, Output: e.Message})
			}
		}
		for _, group := range event.Fold(same) {
			all = append(all, newTrouble(state, group.Hosts, errorLike(errors, group.Output)))
		}
	}
	return all
}

// errorLike finds the error of a folded group, whose end was trimmed.
func errorLike(errors map[string]*event.Failure, message string) *event.Failure {
	if e := errors[message]; e != nil {
		return e
	}
	return &event.Failure{Message: message}
}

func newTrouble(state event.State, hosts []string, e *event.Failure) trouble {
	t := trouble{
		State: state, Sign: signs[state], Names: foldNames(hosts), Count: len(hosts),
		Message: block(e.Message), Hint: block(e.Hint),
	}
	places := e.Trace
	if len(places) == 0 && e.Where != "" {
		places = []string{e.Where}
	}
	for _, place := range places {
		t.Places = append(t.Places, oneLine(place))
	}
	return t
}

// hostRow is a host in the table.
type hostRow struct {
	Name     string
	State    event.State
	Sign     string
	Tasks    string
	Commands int
	Took     string
	Seconds  string // for sorting
	Connect  string
	Reason   string
}

func newHostRow(h *Host) hostRow {
	row := hostRow{
		Name: oneLine(h.Name), State: h.State, Sign: signs[h.State], Tasks: taskCounts(h), Commands: h.Commands,
		Took: h.Duration.String(), Seconds: fmt.Sprintf("%.3f", time.Duration(h.Duration).Seconds()),
	}
	if h.Connect > 0 {
		row.Connect = h.Connect.String()
	}
	if h.Error != nil && h.State != event.OK {
		first, _, _ := strings.Cut(h.Error.Message, "\n")
		row.Reason = oneLine(first)
	}
	return row
}

// taskCounts is "3 ok, 1 failed".
func taskCounts(h *Host) string {
	count := map[event.State]int{}
	for _, v := range h.Tasks {
		count[v.State]++
	}
	var parts []string
	for _, s := range event.States {
		if n := count[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

func foldNames(hosts []string) string { return oneLine(hostrange.Fold(hosts)) }

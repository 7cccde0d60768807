package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/runtime/event"
	"gofab/runtime/journal"
	"gofab/runtime/run"
)

// runJSON is one run of gofab resume --list -o json.
type runJSON struct {
	ID       string              `json:"id"`
	Time     time.Time           `json:"time"`
	User     string              `json:"user"`
	Dir      string              `json:"dir"`
	File     string              `json:"file"`
	Words    []string            `json:"words"`
	Tasks    []string            `json:"tasks"`
	Hosts    map[event.State]int `json:"hosts"` // how many are in which state
	Ended    bool                `json:"ended"` // it came to its end, well or not
	Running  bool                `json:"running"`
	Well     bool                `json:"well"`
	Code     *int                `json:"code"`     // exit code
	Duration *event.Seconds      `json:"duration"` // seconds
	Resumes  string              `json:"resumes,omitempty"`
	Journal  string              `json:"journal"`
}

// listRuns prints the runs that are known.
func (a *app) listRuns(folder string) error {
	runs := slices.Collect(journal.Runs(folder, a.warn))
	switch format, _ := a.flags.output.standard(); format {
	case run.JSON:
		return a.listRunsJSON(runs)
	case run.Text:
		return a.listRunsText(runs, folder)
	default:
		return fault.New(fault.Usage, "-o %s: a list is text or json", format)
	}
}

func (a *app) listRunsJSON(runs []*journal.Run) error {
	list := []runJSON{}
	for _, r := range runs {
		one := runJSON{
			ID: r.ID, Time: r.Time, User: r.User, Dir: r.Dir, File: r.File, Words: r.Shown(), Tasks: tasksOf(r),
			Hosts: r.Counts(), Ended: r.Exit != nil, Running: r.Running, Well: r.Well(), Resumes: r.Resumes, Journal: r.Path,
		}
		if r.Exit != nil {
			one.Code, one.Duration = &r.Exit.Code, &r.Exit.Duration
		}
		list = append(list, one)
	}
	e := json.NewEncoder(a.world.Out)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func tasksOf(r *journal.Run) []string {
	names := []string{}
	for _, call := range r.Calls {
		names = append(names, call.Task)
	}
	return names
}

func (a *app) listRunsText(runs []*journal.Run, folder string) error {
	if len(runs) == 0 {
		fmt.Fprintf(a.world.Out, "no run is known (%s)\n", folder)
		return nil
	}
	t := tabwriter.NewWriter(a.world.Out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(t, "RUN\tWHEN\tUSER\tFOLDER\tWHAT\tHOSTS\tEND")
	for _, r := range runs {
		what := strings.Join(append([]string{r.File}, tasksOf(r)...), " ")
		line := []string{r.ID, r.Time.Local().Format("2006-01-02 15:04:05"), r.User, r.Dir, what, countsText(r.Counts()), endText(r)}
		for i := range line {
			line[i] = termsafe.Line(line[i])
		}
		fmt.Fprintln(t, strings.Join(line, "\t"))
	}
	return t.Flush()
}

// countsText is "2 ok, 1 failed".
func countsText(counts map[event.State]int) string {
	var list []string
	for _, state := range event.States {
		if n := counts[state]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(list) == 0 {
		return "no hosts"
	}
	return strings.Join(list, ", ")
}

// endText tells how a run ended.
func endText(r *journal.Run) string {
	text := "interrupted in the middle"
	switch {
	case r.Running:
		text = "under way"
	case r.Exit != nil:
		text = fmt.Sprintf("exit code %d after %.1f s", r.Exit.Code, time.Duration(r.Exit.Duration).Seconds())
	}
	if r.Resumes != "" {
		text += ", resumed " + r.Resumes
	}
	return text
}

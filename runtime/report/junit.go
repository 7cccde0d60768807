package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/event"
)

// maxJUnit bounds the output of one test case, in bytes: CI systems keep all
// of it in memory.
const maxJUnit = 16 << 10

// JUnit writes the report as CI systems read it: a test suite for each task,
// with a test case for each host. A host that failed is a failure; one that timed
// out, could not be reached or was lost is an error; one that was skipped or
// cancelled is skipped. Errors of the run itself are a suite of their own.
func JUnit(w io.Writer, r *Report) error {
	out := bufio.NewWriterSize(w, 64<<10)
	x := &junit{out: out, report: r, outputs: outputsOf(r)}
	x.suites()
	return out.Flush()
}

type junit struct {
	out     *bufio.Writer
	report  *Report
	outputs map[visitKey][]*Command
}

type visitKey struct{ task, host string }

func outputsOf(r *Report) map[visitKey][]*Command {
	all := map[visitKey][]*Command{}
	for _, c := range r.Commands {
		key := visitKey{c.Task, c.Host}
		all[key] = append(all[key], c)
	}
	return all
}

// tally counts the test cases of a suite.
type tally struct{ tests, failures, errors, skipped int }

func (t *tally) add(states map[event.State]int) {
	for state, n := range states {
		t.tests += n
		switch outcome(state) {
		case "failure":
			t.failures += n
		case "error":
			t.errors += n
		case "skipped":
			t.skipped += n
		}
	}
}

func (t tally) String() string {
	return fmt.Sprintf(`tests="%d" failures="%d" errors="%d" skipped="%d"`, t.tests, t.failures, t.errors, t.skipped)
}

// outcome is the element that tells about a state; "" is a pass.
func outcome(s event.State) string {
	switch s {
	case event.OK:
		return ""
	case event.Skipped, event.Cancelled:
		return "skipped"
	case event.Failed:
		return "failure"
	default:
		return "error"
	}
}

func (x *junit) suites() {
	var all tally
	for _, t := range x.report.Tasks {
		all.add(t.States)
	}
	all.tests += len(x.report.Problems)
	all.errors += len(x.report.Problems)
	x.printf(xml.Header+"<testsuites name=%s tests=\"%d\" failures=\"%d\" errors=\"%d\" time=%s>\n",
		quote("gofab "+x.report.File), all.tests, all.failures, all.errors, quoteTime(x.report.Duration))
	for _, t := range x.report.Tasks {
		x.suite(t)
	}
	x.problems()
	x.printf("</testsuites>\n")
}

func (x *junit) suite(t Task) {
	var count tally
	count.add(t.States)
	name := shown(t.Name, "script")
	x.open(name, count, t.Start, t.Duration)
	for _, host := range x.report.Hosts {
		for _, v := range host.Tasks {
			if v.Task == t.Name {
				x.testCase(name, host.Name, v)
			}
		}
	}
	x.printf("</testsuite>\n")
}

func (x *junit) open(name string, count tally, start, took event.Seconds) {
	when := x.report.Started.Add(time.Duration(start)).UTC().Format("2006-01-02T15:04:05")
	x.printf("<testsuite name=%s %s time=%s timestamp=\"%s\">\n", quote(name), count, quoteTime(took), when)
}

func (x *junit) testCase(task, host string, v *Visit) {
	x.printf("<testcase classname=%s name=%s time=%s", quote(task), quote(host), quoteTime(v.Duration))
	commands := x.outputs[visitKey{v.Task, host}]
	if v.State == event.OK && len(commands) == 0 {
		x.printf("/>\n")
		return
	}
	x.printf(">\n")
	x.failure(v.State, v.Error)
	x.stream("system-out", commands, func(c *Command) string { return c.Stdout })
	x.stream("system-err", commands, func(c *Command) string { return c.Stderr })
	x.printf("</testcase>\n")
}

// failure tells why a test case did not pass.
func (x *junit) failure(s event.State, e *event.Failure) {
	element := outcome(s)
	if element == "" {
		return
	}
	if e == nil {
		e = &event.Failure{Message: string(s)}
	}
	first, _, _ := strings.Cut(e.Message, "\n")
	if element == "skipped" { // the schemas agree on its text, and on no attribute
		x.printf("<skipped>%s</skipped>\n", escape(first))
		return
	}
	kind := string(s)
	if s == event.Failed && e.Kind != "" {
		kind = string(e.Kind)
	}
	x.printf("<%s message=%s type=%s>%s</%s>\n", element, quote(first), quote(kind), escape(explain(e)), element)
}

// explain is an error with all that is known about it.
func explain(e *event.Failure) string {
	text := e.Message
	if e.Where != "" {
		text = e.Where + ": " + text
	}
	for _, place := range e.Trace {
		text += "\n  at " + place
	}
	if e.Hint != "" {
		text += "\nhint: " + e.Hint
	}
	return text
}

// stream writes one stream of all commands, each behind its command line.
func (x *junit) stream(element string, commands []*Command, text func(*Command) string) {
	var all clip
	for _, c := range commands {
		if output := text(c); output != "" {
			all.add("$ " + c.Command + "\n" + strings.TrimSuffix(output, "\n") + "\n")
		}
	}
	if all.total == 0 {
		return
	}
	kept, _ := all.text(maxJUnit)
	x.printf("<%s>%s</%s>\n", element, escape(kept), element)
}

// problems are the errors that belong to no host.
func (x *junit) problems() {
	n := len(x.report.Problems)
	if n == 0 {
		return
	}
	x.open("run", tally{tests: n, errors: n}, 0, x.report.Duration)
	for i, p := range x.report.Problems {
		name := "run"
		if i > 0 {
			name += fmt.Sprintf(" %d", i+1)
		}
		x.printf("<testcase classname=\"run\" name=%s time=\"0.000\">\n", quote(name))
		x.failure(event.Unknown, &event.Failure{
			Kind: fault.Kind(shown(string(p.Kind), "failed")), Message: p.Message, Hint: p.Hint, Where: p.Where, Trace: p.Trace,
		})
		x.printf("</testcase>\n")
	}
	x.printf("</testsuite>\n")
}

func (x *junit) printf(format string, args ...any) { fmt.Fprintf(x.out, format, args...) }

// shown is a text, or another where there is none.
func shown(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// quote makes an attribute's value. XML 1.0 has no way to write control
// characters: they are shown as escapes.
func quote(text string) string { return `"` + escape(text) + `"` }

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(visible(text)))
	return strings.ReplaceAll(out.String(), "&#xA;", "\n")
}

// quoteTime is a duration in seconds as an attribute.
func quoteTime(s event.Seconds) string {
	return fmt.Sprintf(`"%.3f"`, time.Duration(max(0, s)).Seconds())
}

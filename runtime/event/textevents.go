package event

import (
	"fmt"
	"strconv"
	"strings"

	"gofab/internal/hostrange"
	"gofab/internal/termsafe"
)

// Handle renders one event.
func (t *Text) Handle(entry Entry) error {
	t.last = entry.Time
	t.status.follow(entry.Event, entry.Time)
	if t.folding != nil {
		if taken, err := t.fold(entry); taken || err != nil {
			return err
		}
	}
	switch e := entry.Event.(type) {
	case RunStart:
		t.fit(e.Hosts...)
		t.several = len(e.Tasks) > 1
	case TaskStart:
		return t.taskStart(e)
	case TaskEnd:
		return t.taskEnd(e)
	case HostState:
		return t.failure(e.Host, e.State, e.Error)
	case Problem:
		return t.failure("", Failed, e.Error)
	case Connected:
		return t.connected(e)
	case Batch:
		return t.batch(e)
	case GroupStart:
		return t.groupStart(e)
	case GroupResult:
		return t.groupResult(e)
	case CommandStart:
		return t.commandStart(e)
	case CommandEnd:
		return t.commandEnd(e)
	case Output:
		return t.output(e)
	case Transfer:
		return t.transfer(e)
	case Print:
		return t.print(e)
	case Log:
		return t.log(e)
	case Warning:
		return t.warning(e)
	case RunEnd:
		return t.summary(e.Summary)
	}
	return nil
}

func (t *Text) shows(v Verbosity) bool { return t.o.Verbosity >= v }

func (t *Text) taskStart(e TaskStart) error {
	if e.Host == "" && t.several && t.shows(Normal) || t.shows(Verbose) {
		return t.note(e.Host, "task "+e.Task)
	}
	return nil
}

func (t *Text) taskEnd(e TaskEnd) error {
	if err := t.failure(e.Host, e.State, e.Error); err != nil || !t.shows(Verbose) {
		return err
	}
	return t.note(e.Host, fmt.Sprintf("task %s: %s in %s", e.Task, e.State, seconds(e.Duration)))
}

func (t *Text) connected(e Connected) error {
	if !t.shows(Verbose) {
		return nil
	}
	text := "connected by " + e.Transport
	if e.Address != "" {
		text += " to " + e.Address
	}
	if e.User != "" {
		text += " as " + e.User
	}
	if e.Detail != "" {
		text += ", " + e.Detail
	}
	return t.note(e.Host, text+" in "+seconds(e.Duration))
}

// batch is "* deploy: batch 2 of 4: web[2-5], 12 hosts left".
func (t *Text) batch(e Batch) error {
	if !t.shows(Normal) {
		return nil
	}
	text := fmt.Sprintf("batch %d of %d: %s", e.Number, e.Total, names(e.Hosts))
	if e.Task != "" {
		text = termsafe.Line(e.Task) + ": " + text
	}
	if e.Left > 0 {
		text += ", " + plural(e.Left, "host") + " left"
	}
	return t.note("", text)
}

func (t *Text) groupStart(e GroupStart) error {
	t.fit(e.Hosts...)
	if !t.shows(Normal) || e.Hidden && !t.shows(Verbose) {
		return nil
	}
	return t.line(t.o.Err, t.paint("1", names(e.Hosts))+" $ "+termsafe.Line(e.Command))
}

func (t *Text) groupResult(e GroupResult) error {
	if !t.shows(Normal) || e.Hidden {
		return nil
	}
	return t.groups(e.Groups)
}

func (t *Text) commandStart(e CommandStart) error {
	if quiet := e.Hidden && !e.Dry || e.Group; !t.shows(Normal) || quiet && !t.shows(Verbose) {
		return nil
	}
	mark, text := "$", e.Command
	if e.User == "root" {
		mark = "#"
	}
	if e.Dry {
		text += "  (not run)"
	}
	if t.shows(Verbose) && e.Cwd != "" {
		text += "  (in " + e.Cwd + ")"
	}
	if t.shows(Verbose) && e.User != "" {
		text += "  (as " + e.User + ")"
	}
	if err := t.block(t.o.Err, e.Host, mark, text); err != nil || e.Sent == "" || e.Dry && !t.shows(Verbose) {
		return err
	}
	return t.block(t.o.Err, e.Host, mark, e.Sent)
}

func (t *Text) commandEnd(e CommandEnd) error {
	if !t.shows(Verbose) {
		return nil
	}
	text := "no exit status"
	if e.Code != nil {
		text = "exit " + strconv.Itoa(*e.Code)
	}
	text += " in " + seconds(e.Duration)
	if e.Attempts > 1 {
		text += fmt.Sprintf(", %d attempts", e.Attempts)
	}
	return t.block(t.o.Err, e.Host, "=", text)
}

// print is shown at every verbosity: it is what the script was run for.
func (t *Text) print(e Print) error {
	if e.Host == "" && t.o.Raw {
		return t.exact(t.o.Out, e.Text)
	}
	return t.block(t.o.Out, e.Host, "|", strings.TrimSuffix(e.Text, "\n"))
}

func (t *Text) output(e Output) error {
	if !t.shows(Normal) || e.Hidden && !t.shows(Everything) {
		return nil
	}
	host := e.Host
	if t.o.NoPrefix {
		host = ""
	}
	if e.Stream == Stderr {
		return t.block(t.o.Err, host, "!", e.Line)
	}
	return t.block(t.o.Out, host, "|", e.Line)
}

func (t *Text) transfer(e Transfer) error {
	if e.Finished {
		t.copied += e.Done
	}
	failed := e.Finished && e.Total < 0
	if !e.Finished || !t.shows(Normal) || failed && e.Done == 0 { // then the error says it all
		return nil
	}
	mark := ">"
	if e.Direction == Get {
		mark = "<"
	}
	note := ""
	if failed {
		note = ", then it failed"
	}
	return t.block(t.o.Err, e.Host, mark, fmt.Sprintf("%s (%s, %s%s)", e.Path, size(e.Done), seconds(e.Duration), note))
}

func names(hosts []string) string { return termsafe.Line(hostrange.Fold(hosts)) }

package event

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gofab/internal/termsafe"
)

func (t *Text) log(e Log) error {
	text := e.Text + Fields(e.Fields)
	switch {
	case e.Level == Error:
		return t.complaint("31", "error", e.Host, text)
	case e.Level == Warn && t.shows(Normal):
		return t.complaint("33", "warning", e.Host, text)
	case e.Level == Info && t.shows(Normal), e.Level == Debug && t.shows(Everything):
		return t.note(e.Host, text)
	}
	return nil
}

func (t *Text) warning(e Warning) error {
	if !t.shows(Normal) {
		return nil
	}
	if err := t.complaint("33", "warning", e.Host, e.Text); err != nil {
		return err
	}
	return t.hint(e.Hint)
}

// Fields is the end of a log line: " after=2.5 unit=nginx".
func Fields(fields map[string]any) string {
	text := ""
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		text += fmt.Sprintf(" %s=%v", key, fields[key])
	}
	return text
}

// note is a line about a host, or about the run.
func (t *Text) note(host, text string) error {
	if host == "" {
		return t.block(t.o.Err, "", "", "* "+text)
	}
	return t.block(t.o.Err, host, "*", text)
}

// failure shows the error of a host once, however many events carry it.
func (t *Text) failure(host string, state State, e *Failure) error {
	if e == nil || !state.Bad() {
		return nil
	}
	if host == "" {
		host = e.Host
	}
	text := e.Message
	if t.again(failureOf(host, text)) {
		return nil
	}
	if host != "" {
		text = host + ": " + text
	}
	if err := t.complaint("31", "error", e.Where, text); err != nil {
		return err
	}
	if t.shows(Verbose) {
		for _, place := range e.Trace {
			if err := t.line(t.o.Err, "  at "+termsafe.Line(place)); err != nil {
				return err
			}
		}
	}
	return t.hint(e.Hint)
}

// complaint writes "error: where: text"; further lines are indented, so that a
// remote text cannot pass for a line of ours.
func (t *Text) complaint(colour, label, where, text string) error {
	if where != "" {
		text = where + ": " + text
	}
	text = strings.ReplaceAll(termsafe.Clean(text), "\n", "\n  ")
	return t.line(t.o.Err, t.paint(colour, label+":")+" "+text)
}

// hint writes what to try. The same advice for a thousand hosts is given once.
func (t *Text) hint(text string) error {
	if text == "" || t.again("hint", text) {
		return nil
	}
	return t.line(t.o.Err, t.paint("36", "  hint:")+" "+strings.ReplaceAll(termsafe.Clean(text), "\n", "\n  "))
}

// again tells whether it was asked about the same words before.
func (t *Text) again(words ...string) bool {
	k := key(words...)
	said := t.said[k]
	t.said[k] = true
	return said
}

// failureOf is an error of a host for again. A task without hosts tells of
// itself, and of this machine, which it ran on: that is the same.
func failureOf(host, message string) string {
	if host == thisMachine {
		host = ""
	}
	return key("error", host, message)
}

func key(words ...string) string { return strings.Join(words, "\x00") }

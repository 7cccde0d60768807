package event

import (
	"crypto/rand"
	"strings"

	"gofab/internal/termsafe"
)

// GitHub is a Text for the log of a GitHub Actions job: tasks are groups that
// can be folded, errors and warnings are annotations. What hosts write cannot
// give the runner commands: those are stopped, but for our own.
type GitHub struct {
	*Text
	token string
	group string // the task whose group is open
}

// NewGitHub returns a renderer that writes to o.Out.
func NewGitHub(o TextOptions) *GitHub {
	o.Err, o.Raw, o.Status = o.Out, false, false
	return &GitHub{Text: NewText(o)}
}

// Handle renders one event.
func (g *GitHub) Handle(entry Entry) error {
	if g.token == "" {
		g.token = rand.Text()
		if err := g.line(g.o.Out, "::stop-commands::"+g.token); err != nil {
			return err
		}
	}
	var commands []string
	switch e := entry.Event.(type) {
	case TaskStart:
		if e.Task != g.group {
			return g.enter(e.Task, entry)
		}
	case RunEnd:
		return g.enter("", entry)
	case TaskEnd:
		commands = g.failed(e.Host, e.State, e.Error)
	case HostState:
		commands = g.failed(e.Host, e.State, e.Error)
	case Problem:
		commands = g.failed("", Failed, e.Error)
	case Warning:
		commands = []string{annotation("warning", e.Host, "", e.Text)}
	}
	if err := g.Text.Handle(entry); err != nil {
		return err
	}
	return g.command(commands...)
}

// enter ends the group of a task and begins another's.
func (g *GitHub) enter(task string, entry Entry) error {
	var commands []string
	if g.group != "" {
		commands = append(commands, "::endgroup::")
	}
	if g.group = task; task != "" {
		commands = append(commands, "::group::"+data("task "+task))
	}
	if err := g.command(commands...); err != nil {
		return err
	}
	return g.Text.Handle(entry)
}

// failed is the annotation of an error that was not shown yet.
func (g *GitHub) failed(host string, state State, e *Failure) []string {
	if e == nil || !state.Bad() {
		return nil
	}
	if host == "" {
		host = e.Host
	}
	if g.said[failureOf(host, e.Message)] {
		return nil
	}
	return []string{annotation("error", host, e.Where, e.Message)}
}

// command gives commands to the runner, which obeys between the two marks.
func (g *GitHub) command(commands ...string) error {
	if len(commands) == 0 {
		return nil
	}
	all := "::" + g.token + "::\n" + strings.Join(commands, "\n") + "\n::stop-commands::" + g.token
	return g.line(g.o.Out, all)
}

// annotation is a command of the runner's language: ::error file=x,line=3::text.
func annotation(kind, host, where, text string) string {
	var properties []string
	if file, line, ok := strings.Cut(where, ":"); ok {
		properties = append(properties, "file="+property(file), "line="+property(line))
	}
	if host != "" {
		properties = append(properties, "title="+property(host))
	}
	if len(properties) > 0 {
		kind += " " + strings.Join(properties, ",")
	}
	return "::" + kind + "::" + data(text)
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func data(text string) string     { return dataEscapes.Replace(termsafe.Clean(text)) }
func property(text string) string { return propertyEscapes.Replace(termsafe.Line(text)) }

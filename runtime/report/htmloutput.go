package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gofab/internal/hostrange"
	"gofab/runtime/event"
)

// Limits of what the page lists.
const (
	maxPageCommands = 300 // different commands of a task
	maxPageAnswers  = 100 // different answers to a command
	shortAnswer     = 100 // bytes of a line beside the names
)

// taskOutputs is what a task's commands said.
type taskOutputs struct {
	Task     string
	Commands []*commandOutputs
	More     int // commands that are not listed
}

// commandOutputs is one command on all the hosts that ran it.
type commandOutputs struct {
	Command string
	Facts   string // "200 hosts, 3 answers"
	State   event.State
	Sign    string
	Open    bool
	Answers []answer
	More    int // hosts whose answers are not listed
}

// answer is what some hosts said: the most common one whole, others as
// differences from it where that is shorter.
type answer struct {
	Names string
	Count int
	Note  string // "exit 2", "no output"
	State event.State
	Sign  string
	Lines []line
	Diff  bool
	Short bool // fits beside the names
}

// line is a part of an answer; its class says what it is.
type line struct{ Class, Text string }

// outputs puts the commands of a report together.
type outputs struct {
	report *Report
	limit  int // bytes of one answer
}

// asked is a command that several hosts ran: the nth time in a task.
type asked struct {
	*event.CommandName
	task string
	turn int
}

// said is an answer that several hosts gave.
type said struct {
	stdout, stderr string
	more           [2]int64 // bytes of each that the report does not hold
	code           int
	ok, dry        bool
	hidden         bool
}

func newOutputs(r *Report) *outputs { return &outputs{report: r} }

// tasks folds all commands by task, command and answer.
func (o *outputs) tasks() []taskOutputs {
	order, commands := o.fold()
	answers := 0
	for _, c := range commands {
		answers += min(len(c.order), maxPageAnswers)
	}
	o.limit = min(max(maxPageText/max(answers, 1), minAnswer), maxAnswer)
	var all []taskOutputs
	at := map[string]int{}
	for _, key := range order {
		i, known := at[key.task]
		if !known {
			i = len(all)
			at[key.task] = i
			all = append(all, taskOutputs{Task: oneLine(shown(key.task, "script"))})
		}
		t := &all[i]
		if len(t.Commands) == maxPageCommands {
			t.More++
			continue
		}
		t.Commands = append(t.Commands, o.command(key, commands[key]))
	}
	if len(order) == 1 {
		all[0].Commands[0].Open = true
	}
	return all
}

// folded is a command with its answers in the order in which they came.
type folded struct {
	order []said
	hosts map[said][]string
}

// fold brings together what hosts ran.
func (o *outputs) fold() (order []asked, commands map[asked]*folded) {
	commands = map[asked]*folded{}
	var names event.CommandNames
	for _, c := range o.report.Commands {
		name := names.Of(c.Task, c.Host, c.Command)
		key := asked{name, c.Task, name.Turn(c.Host)}
		f := commands[key]
		if f == nil {
			f = &folded{hosts: map[said][]string{}}
			commands[key] = f
			order = append(order, key)
		}
		s := said{stdout: c.Stdout, stderr: c.Stderr, code: -1, ok: c.OK, dry: c.Dry, hidden: c.Hidden}
		s.more = [2]int64{max(0, c.StdoutBytes-int64(len(c.Stdout))), max(0, c.StderrBytes-int64(len(c.Stderr)))}
		if c.Code != nil {
			s.code = *c.Code
		}
		if _, known := f.hosts[s]; !known {
			f.order = append(f.order, s)
		}
		f.hosts[s] = append(f.hosts[s], c.Host)
	}
	return order, commands
}

func (o *outputs) command(key asked, f *folded) *commandOutputs {
	slices.SortStableFunc(f.order, func(a, b said) int {
		return cmp.Or(len(f.hosts[b])-len(f.hosts[a]), hostrange.Compare(f.hosts[a][0], f.hosts[b][0]))
	})
	c := &commandOutputs{Command: block(key.Text), State: event.OK}
	total := 0
	for i, s := range f.order {
		hosts := f.hosts[s]
		total += len(hosts)
		if !s.ok && !s.dry {
			c.State = event.Failed
		}
		if i >= maxPageAnswers {
			c.More += len(hosts)
			continue
		}
		c.Answers = append(c.Answers, o.answer(s, hosts, f.order[0], i > 0))
	}
	c.Sign = signs[c.State]
	c.Facts = plural(total, "host")
	if len(f.order) > 1 {
		c.Facts += fmt.Sprintf(", %d answers", len(f.order))
	}
	return c
}

func (o *outputs) answer(s said, hosts []string, most said, mayDiffer bool) answer {
	a := answer{Names: foldNames(hosts), Count: len(hosts), State: event.OK, Note: note(s)}
	if !s.ok && !s.dry {
		a.State = event.Failed
	}
	a.Sign = signs[a.State]
	text := o.text(s)
	if mayDiffer {
		if lines, shorter := differences(o.text(most), text); shorter {
			a.Lines, a.Diff = lines, true
			return a
		}
	}
	a.Lines, a.Short = text, len(text) == 0 || len(text) == 1 && len(text[0].Text) <= shortAnswer
	return a
}

// note is what there is to say about an answer beside its text.
func note(s said) string {
	var parts []string
	switch {
	case s.dry:
		parts = append(parts, "not run")
	case s.code > 0:
		parts = append(parts, fmt.Sprintf("exit %d", s.code))
	case s.code < 0:
		parts = append(parts, "no exit status")
	}
	switch {
	case s.stdout+s.stderr != "" || s.dry:
	case s.hidden:
		parts = append(parts, "hidden")
	default:
		parts = append(parts, "no output")
	}
	return strings.Join(parts, ", ")
}

// text is an answer as lines, standard error behind standard output.
func (o *outputs) text(s said) []line {
	var all []line
	for i, text := range []string{s.stdout, s.stderr} {
		class, kept := []string{"out", "err"}[i], text
		if len(text) > o.limit {
			var c clip
			c.add(text)
			c.total += s.more[i]
			kept, _ = c.text(o.limit)
		}
		for text := range strings.Lines(kept) {
			all = append(all, line{class, visible(shorten(strings.TrimSuffix(text, "\n"), maxPageLine))})
		}
	}
	return all
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

package event

import (
	"fmt"
	"slices"

	"gofab/internal/hostrange"
	"gofab/internal/termsafe"
)

// folding holds the output of commands back until all hosts have ended, so that
// equal answers are shown once: --fold. Held back is what runs on several hosts:
// a group's command until each of its hosts has ended, a task's commands until
// the last host has left the task. All else is shown as it comes.
type folding struct {
	inTask  map[string]string // the task each host is in
	task    string            // the one that began last
	pending map[string]bool   // hosts of the group that have not ended
	names   CommandNames
	jobs    map[jobKey]*heldJob
	held    []*heldCommand
	index   map[foldKey]*heldCommand // of held
	bytes   int
}

// foldKey is a command in a task: the nth time that hosts run it.
type foldKey struct {
	*CommandName
	group bool // its line was shown already
	dry   bool // it is shown and not run
	turn  int
}

type jobKey struct {
	id   uint64
	host string
}

// heldJob is a command on one host while it runs.
type heldJob struct {
	command *heldCommand
	out     [2][]byte // stdout, stderr
	left    int
}

// heldCommand is a command on all hosts that have ended it.
type heldCommand struct {
	foldKey
	answers []HostOutput
	running int
}

// Limits of what is held back, in bytes.
const (
	maxHeldAnswer = 256 << 10 // of one stream of one host
	maxHeld       = 64 << 20  // of all; then what there is is shown
)

func newFolding() *folding {
	return &folding{
		inTask: map[string]string{}, jobs: map[jobKey]*heldJob{}, index: map[foldKey]*heldCommand{},
	}
}

// fold takes what it holds back out of the stream of events, and shows what is
// complete.
func (t *Text) fold(entry Entry) (taken bool, err error) {
	f := t.folding
	switch e := entry.Event.(type) {
	case TaskStart:
		if e.Host == "" || len(f.inTask) == 0 && e.Task != f.task {
			err = t.release()
		}
		if e.Host != "" {
			f.inTask[e.Host], f.task = e.Task, e.Task
		}
	case TaskEnd:
		delete(f.inTask, e.Host)
	case GroupStart:
		err = t.release()
		f.pending = map[string]bool{}
		for _, host := range e.Hosts {
			f.pending[host] = true
		}
	case CommandStart:
		return f.start(e), nil
	case Output:
		return f.output(e), nil
	case CommandEnd:
		return t.foldEnd(e)
	case HostState:
		if delete(f.pending, e.Host); len(f.pending) == 0 && len(f.inTask) == 0 {
			err = t.release()
		}
	case GroupResult, RunEnd, Problem:
		err = t.release()
	case Print:
		if e.Host == "" {
			err = t.release()
		}
	}
	return false, err
}

// start tells whether a command's output will be held back.
func (f *folding) start(e CommandStart) bool {
	task, visited := f.inTask[e.Host]
	if e.Hidden || e.Dry && e.Group || !e.Group && !visited {
		return false
	}
	name := f.names.Of(task, e.Host, e.Command)
	key := foldKey{CommandName: name, group: e.Group, dry: e.Dry, turn: name.Turn(e.Host)}
	c := f.index[key]
	if c == nil {
		c = &heldCommand{foldKey: key}
		f.index[key] = c
		f.held = append(f.held, c)
	}
	if e.Dry { // nothing will end it
		c.answers = append(c.answers, HostOutput{Host: e.Host})
		return true
	}
	c.running++
	f.jobs[jobKey{e.ID, e.Host}] = &heldJob{command: c}
	return true
}

func (f *folding) output(e Output) bool {
	job := f.jobs[jobKey{e.ID, e.Host}]
	if job == nil {
		return false
	}
	stream := 0
	if e.Stream == Stderr {
		stream = 1
	}
	if len(job.out[stream]) > maxHeldAnswer {
		job.left += len(e.Line)
		return true
	}
	job.out[stream] = append(job.out[stream], e.Line...)
	if !e.Partial {
		job.out[stream] = append(job.out[stream], '\n')
	}
	return true
}

// foldEnd takes the answer of a host.
func (t *Text) foldEnd(e CommandEnd) (taken bool, err error) {
	f := t.folding
	job := f.jobs[jobKey{e.ID, e.Host}]
	if job == nil {
		return false, nil
	}
	delete(f.jobs, jobKey{e.ID, e.Host})
	text := string(job.out[0]) + string(job.out[1])
	if job.left > 0 {
		text += fmt.Sprintf("[... %d bytes left out ...]\n", job.left)
	}
	answer := HostOutput{Host: e.Host, State: OK, Code: e.Code, Output: text}
	if !e.OK {
		answer.State = Failed
	}
	job.command.answers = append(job.command.answers, answer)
	job.command.running--
	f.bytes += len(text)
	delete(f.pending, e.Host)
	if job.command.group && len(f.pending) == 0 && job.command.running == 0 || f.bytes > maxHeld {
		return true, t.release()
	}
	return true, nil
}

// release shows everything that is held back, and goes on holding what still
// runs.
func (t *Text) release() error {
	f := t.folding
	held := f.held
	f.held, f.bytes, f.index = nil, 0, map[foldKey]*heldCommand{}
	for _, c := range held {
		if c.running > 0 {
			f.held = append(f.held, c)
			f.index[c.foldKey] = c
		}
		answers := c.answers
		if c.answers = nil; len(answers) == 0 || !t.shows(Normal) {
			continue
		}
		slices.SortStableFunc(answers, func(a, b HostOutput) int { return hostrange.Compare(a.Host, b.Host) })
		if err := t.heldCommand(c, answers); err != nil {
			return err
		}
	}
	if len(f.held) == 0 && len(f.inTask) == 0 {
		f.names = CommandNames{}
	}
	return nil
}

func (t *Text) heldCommand(c *heldCommand, answers []HostOutput) error {
	if !c.group {
		hosts := make([]string, len(answers))
		for i, a := range answers {
			hosts[i] = a.Host
		}
		text := termsafe.Line(c.Text)
		if c.dry {
			text += "  (not run)"
		}
		if err := t.line(t.o.Err, t.paint("1", names(hosts))+" $ "+text); err != nil || c.dry {
			return err
		}
	}
	return t.groups(Fold(answers))
}

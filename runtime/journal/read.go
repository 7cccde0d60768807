package journal

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"gofab/internal/fault"
	"gofab/runtime/event"
)

// Run is a run as its journal tells of it.
type Run struct {
	Head
	Path    string // of the journal
	Calls   []Call
	Exit    *Exit // nil when it has not come to its end
	Running bool  // some process is at it

	visits map[place]*visited
	order  []place // in which they began
}

// visited is one task on one host.
type visited struct {
	State event.State // "" has begun and not ended
	Error string
	Value json.RawMessage
	Steps map[stepName]Step
}

// Step is one step of a task that began.
type Step struct {
	State  event.State // "" has begun and not ended
	Value  json.RawMessage
	Secret bool // the value held a secret and is not there
}

// open tells of something that nobody knows the end of.
func open(state event.State) bool { return state == "" || state == event.Unknown }

// maxJournal bounds what is read of a journal.
const maxJournal = 1 << 30

// Read reads the journal in the folder of a run.
func Read(dir string) (*Run, error) {
	path := filepath.Join(dir, Name)
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxJournal {
		return nil, fault.New(fault.Failed, "the journal %s is too large to be read", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.OS(err, "cannot read the journal %s", path)
	}
	run, err := parse(text)
	if err != nil {
		return nil, fault.Wrap(fault.Parse, err, "%s", path)
	}
	run.Path, run.Running = path, locked(path)
	return run, nil
}

// Take keeps others from resuming the same run until release is called.
func (r *Run) Take() (release func(), err error) {
	file, err := os.Open(r.Path)
	if err != nil {
		return nil, fault.OS(err, "cannot read the journal %s", r.Path)
	}
	if lock(file) != nil {
		_ = file.Close()
		return nil, fault.New(fault.Usage, "the run %s is being resumed by somebody else", r.ID)
	}
	return func() { _ = file.Close() }, nil
}

// parse reads the lines of a journal. The last one may be torn: what it would
// have told did not happen, as far as anybody knows.
func parse(text []byte) (*Run, error) {
	r := &Run{visits: map[place]*visited{}}
	number := 0
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte{'\n'})
		text, number = rest, number+1
		err := r.line(line, number == 1)
		if err != nil && (ended && len(rest) > 0 || number == 1) {
			return nil, fault.Wrap(fault.Parse, err, "line %d is not that of a journal", number)
		}
	}
	if r.ID == "" {
		return nil, fault.New(fault.Parse, "the journal is empty")
	}
	return r, nil
}

func (r *Run) line(line []byte, first bool) error {
	var of struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &of); err != nil {
		return err
	}
	if first != (of.Type == typeRun) {
		return fault.New(fault.Parse, "%q is not expected here", of.Type)
	}
	switch of.Type {
	case typeRun:
		return r.head(line)
	case typeCall:
		return read(line, func(l callLine) error { return r.call(l) })
	case typeStart:
		return read(line, func(l startLine) error { return r.set(l.place, "", "", nil) })
	case typeEnd:
		return read(line, func(l endLine) error { return r.set(l.place, l.State, l.Error, l.Value) })
	case typeBegun, typeDone:
		return read(line, r.step)
	case typeExit:
		return read(line, func(l exitLine) error { r.Exit = &l.Exit; return nil })
	}
	return nil
}

func read[T any](line []byte, use func(T) error) error {
	var value T
	if err := json.Unmarshal(line, &value); err != nil {
		return err
	}
	return use(value)
}

func (r *Run) head(line []byte) error {
	return read(line, func(l headLine) error {
		if l.Version > version {
			return fault.New(fault.Unsupported, "the journal is of a newer gofab (format %d)", l.Version)
		}
		r.Head = l.Head
		return nil
	})
}

func (r *Run) call(l callLine) error {
	if l.Number != len(r.Calls) {
		return fault.New(fault.Parse, "task %d comes after %d", l.Number, len(r.Calls)-1)
	}
	r.Calls = append(r.Calls, l.Call)
	return nil
}

func (r *Run) set(at place, state event.State, text string, value json.RawMessage) error {
	if at.Call < 0 || at.Call >= len(r.Calls) {
		return fault.New(fault.Parse, "there is no task %d", at.Call)
	}
	if state != "" && !slices.Contains(event.States, state) {
		return fault.New(fault.Parse, "%q is not a state", state)
	}
	v := r.visits[at]
	if v == nil {
		v = &visited{Steps: map[stepName]Step{}}
		r.visits[at] = v
		r.order = append(r.order, at)
	}
	v.State, v.Error, v.Value = state, text, value
	return nil
}

func (r *Run) step(l stepLine) error {
	v := r.visits[l.place]
	if v == nil {
		return fault.New(fault.Parse, "the step %s has no task", l.Path)
	}
	step := Step{Value: l.Value, Secret: l.Secret}
	if l.Type == typeDone {
		step.State = l.State
	}
	v.Steps[l.stepName] = step
	return nil
}

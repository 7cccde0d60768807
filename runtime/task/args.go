package task

import (
	"strings"

	"gofab/internal/fault"
)

// Types of a task argument.
const (
	String   = "string"
	Number   = "number"
	Integer  = "integer"
	Boolean  = "boolean"
	Duration = "duration"
	Size     = "size"
	List     = "list"  // repeatable: --tag a --tag b; strings
	Count    = "count" // -v -v -v
)

// ArgTypes is the closed list.
var ArgTypes = []string{String, Number, Integer, Boolean, Duration, Size, List, Count}

// Arg is one declared argument of a task.
type Arg struct {
	Name       string
	Doc        string
	Type       string
	Short      string // one letter
	Default    any    // nil when there is none
	Required   bool
	Optional   bool     // the flag may stand without a value: then it is true
	Positional int      // 1, 2, ...; 0 is a flag only
	Rest       bool     // takes all further positionals, as a list
	Choices    []string // allowed values
}

// Flag is the argument's name as it is typed: underscores become dashes.
func (a *Arg) Flag() string { return strings.ReplaceAll(a.Name, "_", "-") }

// Form is how the argument is given: "-v, --version STRING".
func (a *Arg) Form() string {
	text := "--" + a.Flag()
	if a.Short != "" {
		text = "-" + a.Short + ", " + text
	}
	if a.Type == Boolean || a.Type == Count {
		return text
	}
	if a.Optional {
		return text + "[=" + strings.ToUpper(a.Type) + "]"
	}
	return text + " " + strings.ToUpper(a.Type)
}

func (a *Arg) list() bool { return a.Type == List || a.Rest }

// Call is one task with its arguments.
type Call struct {
	Task   *Task
	Values map[string]any
	Help   bool // --help was given
}

// Parse reads a command line: task, its flags and positionals, next task, ...
// What follows "--" goes to the last task as `remainder`.
func (s *Set) Parse(words []string) ([]Call, error) {
	var calls []Call
	for len(words) > 0 {
		if words[0] == "--" {
			return calls, attachRemainder(calls, words[1:])
		}
		t, err := s.Find(words[0])
		if err != nil {
			return nil, err
		}
		r := &reader{task: t, words: words[1:], call: Call{Task: t, Values: map[string]any{}}}
		if err := r.read(); err != nil {
			return nil, err
		}
		calls = append(calls, r.call)
		words = r.words
	}
	return calls, nil
}

func attachRemainder(calls []Call, rest []string) error {
	if len(calls) == 0 {
		return fault.New(fault.Usage, "nothing takes what follows --")
	}
	calls[len(calls)-1].Values["remainder"] = anyList(rest)
	return nil
}

// WithDefaults is a call of a task with no arguments given.
func (t *Task) WithDefaults() (Call, error) {
	r := &reader{task: t, call: Call{Task: t, Values: map[string]any{}}}
	err := r.complete()
	return r.call, err
}

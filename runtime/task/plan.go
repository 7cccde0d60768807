package task

import (
	"slices"
	"strings"

	"gofab/internal/fault"
)

// Step is one task of a plan with its arguments.
type Step struct {
	Task   *Task
	Values map[string]any
	Owner  *Task // whose batches it is done in, with what is needed before and after; nil: on its own
}

// Plan puts the tasks that were called, what they need and their post tasks
// into one order. A task is planned once for each set of arguments, however
// often it is needed and called. Missing tasks, missing arguments and circles
// are errors before anything runs.
func (s *Set) Plan(calls []Call) ([]Step, error) {
	p := &planner{set: s, planned: map[string]bool{}}
	for _, c := range calls {
		if err := p.add(c, nil, nil); err != nil {
			return nil, err
		}
	}
	return p.steps, nil
}

type planner struct {
	set     *Set
	steps   []Step
	planned map[string]bool
}

func (p *planner) add(c Call, path []*Task, owner *Task) error {
	if slices.Contains(path, c.Task) {
		return circle(append(path, c.Task))
	}
	if p.planned[c.key()] {
		return nil
	}
	if owner == nil && c.Task.rolls() {
		owner = c.Task
	}
	path = append(slices.Clone(path), c.Task)
	for _, need := range c.Task.Needs {
		if err := p.addNeeded(need, c, path, owner); err != nil {
			return err
		}
	}
	p.planned[c.key()] = true
	p.steps = append(p.steps, Step{Task: c.Task, Values: c.Values, Owner: owner})
	for _, need := range c.Task.Post {
		if err := p.addNeeded(need, c, path, owner); err != nil {
			return err
		}
	}
	return nil
}

// addNeeded plans a task that another one needs. It gets the arguments it is
// given there, those that have the same names in both, and defaults for the
// rest.
func (p *planner) addNeeded(need Need, by Call, path []*Task, owner *Task) error {
	t, err := p.set.FindFrom(by.Task, need.Task)
	if err != nil {
		e := fault.From(err)
		e.Where = by.Task.Where
		return e
	}
	args := map[string]any{}
	for _, a := range t.Args {
		if value, ok := by.Values[a.Name]; ok && by.Task.has(a.Name) {
			args[a.Name] = value
		}
	}
	for name, value := range need.Args {
		args[name] = value
	}
	c, err := t.CallWith(args)
	if err != nil {
		e := fault.From(err)
		e.Message += " (task " + by.Task.Name + " needs it)"
		return e
	}
	return p.add(c, path, owner)
}

func (t *Task) has(arg string) bool {
	return slices.ContainsFunc(t.Args, func(a Arg) bool { return a.Name == arg })
}

func circle(path []*Task) error {
	names := make([]string, len(path))
	for i, t := range path {
		names[i] = t.Name
	}
	e := fault.New(fault.Usage, "tasks need each other in a circle: %s", strings.Join(names, " -> "))
	e.Where = path[len(path)-1].Where
	return e
}

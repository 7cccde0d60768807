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
}

// Plan puts the tasks that were called, what they need and their post tasks
// into one order. A task that is needed and called is planned once. Missing
// tasks, missing arguments and circles are errors before anything runs.
func (s *Set) Plan(calls []Call) ([]Step, error) {
	p := &planner{set: s, planned: map[*Task]bool{}}
	for _, c := range calls {
		if err := p.add(c, nil); err != nil {
			return nil, err
		}
	}
	return p.steps, nil
}

type planner struct {
	set     *Set
	steps   []Step
	planned map[*Task]bool
}

func (p *planner) add(c Call, path []*Task) error {
	if slices.Contains(path, c.Task) {
		return circle(append(path, c.Task))
	}
	if p.planned[c.Task] && len(path) > 0 {
		return nil
	}
	path = append(slices.Clone(path), c.Task)
	for _, name := range c.Task.Needs {
		if err := p.addNeeded(name, c, path); err != nil {
			return err
		}
	}
	p.planned[c.Task] = true
	p.steps = append(p.steps, Step{Task: c.Task, Values: c.Values})
	for _, name := range c.Task.Post {
		if err := p.addNeeded(name, c, path); err != nil {
			return err
		}
	}
	return nil
}

// addNeeded plans a task that another one needs. It gets the arguments that
// have the same names in both, defaults for the rest.
func (p *planner) addNeeded(name string, by Call, path []*Task) error {
	t, err := p.set.Find(name)
	if err != nil {
		e := fault.From(err)
		e.Where = by.Task.Where
		return e
	}
	r := &reader{task: t, call: Call{Task: t, Values: map[string]any{}}}
	for _, a := range t.Args {
		if value, ok := by.Values[a.Name]; ok && by.Task.has(a.Name) {
			r.call.Values[a.Name] = value
		}
	}
	if err := r.complete(); err != nil {
		e := fault.From(err)
		e.Message += " (task " + by.Task.Name + " needs it)"
		return e
	}
	return p.add(r.call, path)
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

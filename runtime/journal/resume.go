package journal

import (
	"cmp"
	"slices"
	"strings"

	"gofab/internal/secret"
	"gofab/runtime/event"
)

// What is unknown is settled before anything runs again: by a person or by an
// option, never by a guess.

// Answer settles something unknown.
type Answer string

// The closed list of answers.
const (
	Again Answer = "run"  // it is done again
	Done  Answer = "done" // it counts as done
	Skip  Answer = "skip" // the host takes part in nothing
)

// Question is something that began and has no known end.
type Question struct {
	Host, Task string
	Step       string // the step of the task; "" asks about the task as a whole
	Lost       bool   // the link to the host was lost; otherwise gofab itself was stopped
}

// Decided is a run that ended, with everything unknown in it settled.
type Decided struct {
	*Run
	Skipped map[string]bool // hosts that take part in nothing
}

// Decide settles what is unknown in a run by asking about each.
func (r *Run) Decide(ask func(Question) (Answer, error)) (*Decided, error) {
	d := &Decided{Run: r, Skipped: map[string]bool{}}
	for _, at := range r.planned() {
		v := r.visits[at]
		for _, q := range r.questions(at, v) {
			if d.Skipped[at.Host] {
				break
			}
			answer, err := ask(q.Question)
			if err != nil {
				return nil, err
			}
			d.settle(v, q, answer)
		}
	}
	return d, nil
}

// planned gives what began in the order of the plan, whichever came first.
func (r *Run) planned() []place {
	rank := map[place]int{}
	for number, call := range r.Calls {
		for i, host := range call.Hosts {
			rank[place{number, host}] = i
		}
	}
	list := slices.Clone(r.order)
	slices.SortStableFunc(list, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(rank[a], rank[b]))
	})
	return list
}

// asked is a question and the step that it is about.
type asked struct {
	Question
	name stepName
}

// questions are those about one visit: about the innermost steps that are open,
// or about all of it where no step is.
func (r *Run) questions(at place, v *visited) []asked {
	if v.State == event.OK {
		return nil
	}
	about := Question{Host: at.Host, Task: r.Calls[at.Call].Task, Lost: v.State == event.Unknown}
	var list []asked
	for name, s := range v.Steps {
		if open(s.State) && !v.hasOpenInside(name) {
			q := asked{about, name}
			q.Step, q.Lost = name.Path, s.State == event.Unknown
			if name.On != "" {
				q.Host = name.On
			}
			list = append(list, q)
		}
	}
	slices.SortFunc(list, func(a, b asked) int {
		return strings.Compare(a.name.Path+"\x00"+a.name.On, b.name.Path+"\x00"+b.name.On)
	})
	if len(list) == 0 && open(v.State) {
		list = []asked{{Question: about}}
	}
	return list
}

func (v *visited) hasOpenInside(name stepName) bool {
	for inner, s := range v.Steps {
		if open(s.State) && inner.On == name.On && strings.HasPrefix(inner.Path, name.Path+"/") {
			return true
		}
	}
	return false
}

// settle puts an answer into what is known. A task that is to go on counts as
// cancelled: nobody has to be asked about it twice.
func (d *Decided) settle(v *visited, q asked, answer Answer) {
	whole := q.Step == ""
	switch {
	case answer == Skip:
		d.Skipped[q.Host] = true
	case answer == Done && whole:
		v.State = event.OK
	case answer == Done:
		v.Steps[q.name] = Step{State: event.OK}
		v.State = event.Cancelled
	default:
		delete(v.Steps, q.name)
		v.State = event.Cancelled
	}
}

// take takes over what a run knows of the tasks that are in the plan again, and
// gives the lines that say so.
func (k *Keeper) take(past *Decided) []any {
	var lines []any
	k.left = past.Skipped
	for _, old := range past.order {
		number, ok := k.calls[keyOf(past.Calls[old.Call])]
		if !ok {
			continue
		}
		at, v := place{number, old.Host}, past.visits[old]
		l := k.live(at)
		l.done, l.value, l.steps = v.State == event.OK, v.Value, v.Steps
		lines = append(lines, k.takeVisit(at, v)...)
	}
	return lines
}

func (k *Keeper) takeVisit(at place, v *visited) []any {
	now := k.deps.Now()
	lines := []any{startLine{typeStart, now, at}}
	for _, name := range sortedSteps(v.Steps) {
		s := v.Steps[name]
		line := stepLine{Type: typeDone, Time: now, place: at, stepName: name, State: s.State, Value: s.Value, Secret: s.Secret, Before: true}
		if s.State == "" {
			line.Type = typeBegun
		}
		lines = append(lines, line)
	}
	if v.State != "" {
		lines = append(lines, endLine{Type: typeEnd, Time: now, place: at, State: v.State, Error: v.Error, Value: v.Value, Before: true})
	}
	return lines
}

func sortedSteps(steps map[stepName]Step) []stepName {
	names := make([]stepName, 0, len(steps))
	for name := range steps {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b stepName) int {
		return strings.Compare(a.Path+"\x00"+a.On, b.Path+"\x00"+b.On)
	})
	return names
}

// HostsOf gives the hosts that a task with these arguments was to run on; ok is
// false when it was not part of the run.
func (r *Run) HostsOf(task string, args map[string]any, secrets *secret.Redactor) (hosts []string, ok bool) {
	key := keyOf(Call{Task: task, Args: cleanArgs(args, secrets)})
	for _, call := range r.Calls {
		if keyOf(call) == key {
			return call.Hosts, true
		}
	}
	return nil, false
}

// stateOf tells how a task stands on a host: skipped is one that it did not come
// to.
func (r *Run) stateOf(number int, host string) event.State {
	v := r.visits[place{number, host}]
	switch {
	case v != nil && v.State == "":
		return event.Unknown
	case v != nil:
		return v.State
	}
	if r.Calls[number].Once {
		for at, v := range r.visits {
			if at.Call == number && v.State == event.OK {
				return event.OK
			}
		}
	}
	return event.Skipped
}

// Counts tells how the hosts of a run ended, or how they stood when it was
// stopped.
func (r *Run) Counts() map[event.State]int {
	if r.Exit != nil {
		return r.Exit.States
	}
	worst := map[string]event.State{}
	for number, call := range r.Calls {
		for _, host := range call.Hosts {
			state := r.stateOf(number, host)
			if old, seen := worst[host]; !seen || slices.Index(severity, state) > slices.Index(severity, old) {
				worst[host] = state
			}
		}
	}
	counts := map[event.State]int{}
	for _, state := range worst {
		counts[state]++
	}
	return counts
}

// severity orders states: of several tasks on one host the worst counts.
var severity = []event.State{
	event.OK, event.Skipped, event.Cancelled, event.Unreachable, event.Timeout, event.Failed, event.Unknown,
}

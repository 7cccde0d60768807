package task

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// Need is a task that another one needs, with arguments for it.
type Need struct {
	Task string
	Args map[string]any
}

// Needs is a list of them.
type Needs []Need

// Names lists the tasks' names.
func (n Needs) Names() []string {
	names := make([]string, len(n))
	for i := range n {
		names[i] = n[i].Task
	}
	return names
}

// LuaType names what FromLua takes.
func (n *Needs) LuaType() string { return "string|(string|table)[]" }

// FromLua reads a name, or a list of names and of tables with task and args.
func (n *Needs) FromLua(value any) error {
	list, ok := value.([]any)
	if name, one := value.(string); one {
		list, ok = []any{name}, true
	}
	if table, empty := value.(map[string]any); !ok && (!empty || len(table) > 0) {
		return fault.New(fault.Usage, "want a list of tasks").WithHint(`{ "build", { task = "fetch", args = { version = "1.2" } } }`)
	}
	*n = make(Needs, len(list))
	for i, item := range list {
		if err := (*n)[i].fromLua(item); err != nil {
			return fault.New(fault.Usage, "[%d]: %v", i+1, err)
		}
	}
	return nil
}

func (n *Need) fromLua(item any) error {
	if name, ok := item.(string); ok {
		n.Task = name
		return nil
	}
	table, ok := item.(map[string]any)
	if !ok {
		return fmt.Errorf("want the name of a task, or a table with task and args")
	}
	for key, v := range table {
		switch key {
		case "task":
			n.Task, ok = v.(string)
		case "args":
			n.Args, ok = v.(map[string]any)
		default:
			return fmt.Errorf("unknown key %q: want task and args", key)
		}
		if !ok {
			return fmt.Errorf("%s: unexpected %v", key, v)
		}
	}
	if n.Task == "" {
		return fmt.Errorf("a task is missing its name")
	}
	return nil
}

// CallWith is a call of a task with arguments of a script.
func (t *Task) CallWith(args map[string]any) (Call, error) {
	r := &reader{task: t, call: Call{Task: t, Values: map[string]any{}}}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		a := r.long(name)
		if a == nil {
			return r.call, r.noArgument(name)
		}
		if err := r.give(a, args[name]); err != nil {
			return r.call, err
		}
	}
	return r.call, r.complete()
}

func (r *reader) noArgument(name string) error {
	var known []string
	for i := range r.task.Args {
		known = append(known, r.task.Args[i].Name)
	}
	text := fmt.Sprintf("it has no argument %q", name)
	if near := suggest.Nearest(name, known); near != "" {
		text += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return r.usage("%s", text)
}

// give stores a value of a script: a text is read as if it was typed, other
// values have the type of the argument.
func (r *reader) give(a *Arg, value any) error {
	if text, ok := value.(string); ok && !a.list() {
		return r.set(a, text)
	}
	if table, ok := value.(map[string]any); ok && len(table) == 0 && a.list() {
		value = []any{}
	}
	kind := typeOf(value)
	fits := a.Type == kind || a.list() && kind == List || kind == Number && numeric(a.Type) || a.Optional && kind == Boolean
	if checkDefault(value) != nil || !fits {
		return r.usage("%s: %v is not a %s", a.Name, value, a.Type)
	}
	r.call.Values[a.Name] = value
	return nil
}

// key tells calls of one task with different arguments apart.
func (c Call) key() string {
	text, err := json.Marshal(c.Values)
	if err != nil {
		return c.Task.Name + fmt.Sprint(c.Values)
	}
	return c.Task.Name + string(text)
}

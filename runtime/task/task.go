// Package task holds the tasks of a fabfile, reads their arguments from the
// command line, plans which run in what order, and runs them over hosts.
//
// Rules: a task runs once per host in a run for each set of arguments, however
// often it is needed; what it needs runs before it, its post tasks after it; a
// host that failed takes part in nothing more; every host ends in exactly one
// named state.
package task

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/host"
)

// Task is one declared task.
type Task struct {
	Name      string // with its namespace: "db.backup"
	Doc       string
	Hosts     string // a target expression; "" means this machine
	Args      []Arg
	Needs     Needs
	Post      Needs
	Aliases   []string
	Default   bool
	Hidden    bool
	Fan       host.Fan      // how its hosts are gone through
	Strategy  string        // Linear or Free; "" is the run's
	RunOnce   bool          // on one host, for all of them
	KeepGoing bool          // a host that fails takes part in what follows
	Limit     *Limit        // of hosts at once, shared with other tasks
	Timeout   time.Duration // for one host; 0 is none
	Body      kit.Callback
	Where     string
	position  int
}

// Limit bounds how many hosts do something at once, in all tasks that name it.
type Limit struct {
	Name string `lua:"name,arg1" doc:"Name that tasks and limit() share."`
	Most int    `lua:"most,arg2" default:"1" doc:"Hosts at once."`
}

// The strategies of a fan-out over several tasks.
const (
	Linear = "linear" // all hosts of a batch end a task before the next task begins
	Free   = "free"   // each host goes through the tasks at its own pace
)

// rolls says that what a task needs and its post tasks are done batch by batch
// together with it.
func (t *Task) rolls() bool { return t.Strategy == Free || len(t.Fan.Rolling) > 0 }

// Set is the tasks of one run.
type Set struct {
	mu       sync.Mutex
	tasks    []*Task
	byName   map[string]*Task  // names and aliases
	current  []*scope          // what is open while a fabfile declares
	included map[string]string // files that have run, by namespace and path: what was taken
}

// NewSet makes an empty set.
func NewSet() *Set { return &Set{byName: map[string]*Task{}, included: map[string]string{}} }

// Add declares a task. Its name gets the open namespace in front.
func (s *Set) Add(t *Task) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := checkName(t.Name); err != nil {
		return err
	}
	if !s.takes(t.Name) {
		return nil
	}
	prefix := s.prefix()
	t.Name = prefix + t.Name
	for _, name := range append([]string{t.Name}, prefixed(prefix, t.Aliases)...) {
		if other := s.byName[name]; other != nil {
			return fault.New(fault.Usage, "task %q is declared twice (first at %s)", name, other.Where)
		}
		s.byName[name] = t
	}
	t.Aliases = prefixed(prefix, t.Aliases)
	t.position = len(s.tasks)
	s.tasks = append(s.tasks, t)
	return nil
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = prefix + name
	}
	return out
}

func checkName(name string) error {
	ok := name != "" && name[0] != '-' && name[0] != '.'
	for _, r := range name {
		ok = ok && (r == '_' || r == '-' || r == '.' || r == ':' ||
			'0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if !ok {
		return fault.New(fault.Usage, "%q is not a task name", name).WithHint("letters, digits, '_', '-' and '.'")
	}
	return nil
}

// All lists the tasks in the order of declaration.
func (s *Set) All() []*Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tasks)
}

// Default is the task that runs when none is named; nil when there is none. The
// default of a namespace is not that of the fabfile.
func (s *Set) Default() *Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		if t.Default && namespaceOf(t.Name) == "" {
			return t
		}
	}
	return s.byName["default"]
}

// Find gives a task by name or alias; dashes and underscores are the same. A
// namespace stands for its default task.
func (s *Set) Find(name string) (*Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, candidate := range []string{name, name + ".default"} {
		for known, t := range s.byName {
			if same(known, candidate) {
				return t, nil
			}
		}
	}
	for _, t := range s.tasks {
		if t.Default && same(namespaceOf(t.Name), name) {
			return t, nil
		}
	}
	return nil, s.unknown(name)
}

func namespaceOf(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	return name[:i]
}

func same(a, b string) bool {
	return strings.ReplaceAll(a, "_", "-") == strings.ReplaceAll(b, "_", "-")
}

func (s *Set) unknown(name string) error {
	e := fault.New(fault.Usage, "no task %q", name)
	var names []string
	for known := range s.byName {
		names = append(names, known)
	}
	if near := suggest.Nearest(name, names); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e.WithHint("gofab list shows the tasks")
}

package task

import (
	"path"
	"slices"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// scope is what holds while a part of a fabfile declares its tasks: the name in
// front of theirs, and which of them are taken. Scopes nest.
type scope struct {
	name         string // "" leaves names as they are
	only, except []string
	offered      []string        // what was declared, by its name in this scope
	used         map[string]bool // the patterns that something matched
}

// Enter and Leave open and close a namespace.
func (s *Set) Enter(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	s.open(&scope{name: name})
	return nil
}

// Leave closes the namespace that was opened last.
func (s *Set) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = s.current[:len(s.current)-1]
}

func (s *Set) open(one *scope) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = append(s.current, one)
}

// prefix is the open namespaces with a dot behind each. It needs the lock.
func (s *Set) prefix() string {
	text := ""
	for _, one := range s.current {
		if one.name != "" {
			text += one.name + "."
		}
	}
	return text
}

// takes asks all open scopes whether they want a task. It needs the lock.
func (s *Set) takes(name string) bool {
	taken := true
	for _, one := range slices.Backward(s.current) {
		taken = one.takes(name) && taken
		if one.name != "" {
			name = one.name + "." + name
		}
	}
	return taken
}

func (s *scope) takes(name string) bool {
	s.offered = append(s.offered, name)
	if s.matches(s.except, name) {
		return false
	}
	return len(s.only) == 0 || s.matches(s.only, name)
}

func (s *scope) matches(patterns []string, name string) bool {
	found := false
	for _, pattern := range patterns {
		if ok, _ := path.Match(pattern, name); ok || same(pattern, name) {
			if s.used == nil {
				s.used = map[string]bool{}
			}
			s.used[pattern], found = true, true
		}
	}
	return found
}

// check finds patterns that nothing matched: most likely they are misspelt.
func (s *scope) check() error {
	for _, pattern := range slices.Concat(s.only, s.except) {
		if _, err := path.Match(pattern, ""); err != nil {
			return fault.New(fault.Usage, "%q is not a pattern of task names", pattern)
		}
		if s.used[pattern] {
			continue
		}
		e := fault.New(fault.Usage, "no task %q is declared there", pattern)
		if near := suggest.Nearest(pattern, s.offered); near != "" {
			e.Message += " (did you mean \"" + near + "\"?)"
		} else if len(s.offered) > 0 {
			e.Hint = "there are " + strings.Join(s.offered, ", ")
		}
		return e
	}
	return nil
}

// FindFrom finds a task as another one calls it: first in the namespace of that
// one, then in those around it.
func (s *Set) FindFrom(from *Task, name string) (*Task, error) {
	for space := namespaceOf(from.Name); space != ""; space = namespaceOf(space) {
		if t, err := s.Find(space + "." + name); err == nil {
			return t, nil
		}
	}
	return s.Find(name)
}

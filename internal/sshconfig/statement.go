package sshconfig

import (
	"fmt"
	"slices"

	"gofab/internal/fault"
)

// source is a file that is being read, or the overrides.
type source struct {
	path   string
	line   int
	user   bool // the operator's own: may say ~, relative to ~/.ssh
	depth  int  // of Include
	never  bool // included from a block that does not apply
	active bool // the block applies
}

// statement is one line of a source.
type statement struct {
	*resolution
	src     *source
	keyword string
	rest    string   // behind the keyword, as written
	words   []string // of rest, not yet taken
}

// at is where the statement stands.
func (s *statement) at() string {
	if s.src.line == 0 {
		return s.src.path
	}
	return fmt.Sprintf("%s:%d", s.src.path, s.src.line)
}

// fail puts the place in front of an error.
func (s *statement) fail(err error) error {
	e := *fault.From(err)
	e.Message = fmt.Sprintf("%s: %s: %s", s.at(), s.keyword, e.Message)
	return &e
}

// word takes the next word, which must be there and not empty.
func (s *statement) word() (string, error) {
	if len(s.words) == 0 || s.words[0] == "" {
		return "", fault.New(fault.Parse, "an argument is missing")
	}
	word := s.words[0]
	s.words = s.words[1:]
	return word, nil
}

// list takes all words, none of them empty. "none" must stand alone.
func (s *statement) list(limit int) ([]string, error) {
	words := s.words
	s.words = nil
	switch {
	case slices.Contains(words, ""):
		return nil, fault.New(fault.Parse, "an argument is empty")
	case len(words) > 1 && slices.ContainsFunc(words, isNone):
		return nil, fault.New(fault.Parse, `"none" must stand alone`)
	case len(words) > limit && s.src.active:
		return nil, fault.New(fault.Parse, "more than %d arguments", limit)
	}
	return words, nil
}

// keep sets the keyword, if it is not set and the block applies.
func (s *statement) keep(values ...string) { s.keepAs(s.keyword, values...) }

func (s *statement) keepAs(key string, values ...string) {
	if s.src.active && !s.has(key) && len(values) > 0 {
		s.values[key], s.where[key] = values, s.at()
	}
}

// add appends to a keyword that has many values.
func (s *statement) add(value string) {
	if !s.src.active {
		return
	}
	if !s.has(s.keyword) {
		s.where[s.keyword] = s.at()
	}
	s.values[s.keyword] = append(s.values[s.keyword], value)
}

// addNew appends what is not there yet, up to a limit.
func (s *statement) addNew(value string, limit int) error {
	switch {
	case !s.src.active:
	case len(s.values[s.keyword]) >= limit:
		return fault.New(fault.Parse, "more than %d values", limit)
	case !slices.Contains(s.values[s.keyword], value):
		s.add(value)
	}
	return nil
}

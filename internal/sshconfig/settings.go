package sshconfig

import (
	"maps"
	"slices"
	"strings"
)

// Settings is what holds for one name after all files were read.
type Settings struct {
	lines []line            // what ssh -G prints, in its order
	given map[string]string // keywords that an override or a file has set, and where
	paths paths             // what ssh expands at connect time
}

// line is one line of ssh -G.
type line struct{ key, value string }

// Get is the value of a keyword as ssh -G prints it, "" when it prints none.
// The key is the lower-case keyword. Of a keyword with several lines it is the
// first one.
func (s *Settings) Get(key string) string {
	for _, l := range s.lines {
		if l.key == key {
			return l.value
		}
	}
	return ""
}

// All are the values of a keyword that ssh -G prints on a line each:
// identityfile, certificatefile, sendenv, setenv, localforward ...
func (s *Settings) All(key string) []string {
	var values []string
	for _, l := range s.lines {
		if l.key == key {
			values = append(values, l.value)
		}
	}
	return values
}

// IsSet tells whether an override or a file has set the keyword. If not, its
// value is OpenSSH's default.
func (s *Settings) IsSet(key string) bool { return s.given[key] != "" }

// Where tells where a keyword was set: file:line, Override, or "" for a
// default of OpenSSH.
func (s *Settings) Where(key string) string { return s.given[key] }

// Given lists the keywords that an override or a file has set, sorted.
func (s *Settings) Given() []string { return slices.Sorted(maps.Keys(s.given)) }

// Lines are all settings as "keyword value", as ssh -G prints them.
func (s *Settings) Lines() []string {
	lines := make([]string, len(s.lines))
	for i, l := range s.lines {
		lines[i] = l.key + " " + l.value
	}
	return lines
}

// words are the parts of a value that ssh -G prints on one line; none for
// "none".
func (s *Settings) words(key string) []string {
	value := s.Get(key)
	if value == "none" {
		return nil
	}
	return strings.Fields(value)
}

// list is a comma-separated value that the configuration has set; nil if it has
// not.
func (s *Settings) list(key string) []string {
	if s.given[key] == "" {
		return nil
	}
	return slices.DeleteFunc(strings.Split(s.Get(key), ","), func(name string) bool { return name == "" })
}

package filecmp

import (
	"context"
	"path"

	"github.com/bmatcuk/doublestar/v4"

	"gofab/internal/fault"
)

// Side is a folder to compare.
type Side interface {
	// Name is how it is called in reports.
	Name() string
	// List gives all entries below the folder, without those that skip names.
	List(ctx context.Context, o Listing) ([]Entry, error)
	// Sums gives SHA-256 sums in hex by path. A file that cannot be read is
	// left out, with the reason in problems.
	Sums(ctx context.Context, paths []string) (sums, problems map[string]string, err error)
}

// Listing says what to list.
type Listing struct {
	Skip   func(path string) bool
	Follow bool
	Top    bool // not below the folders of the top
}

// skipper makes a test of patterns. One with a slash is for paths from the
// top, one without for names anywhere.
func skipper(patterns []string) (func(string) bool, error) {
	var names, paths []string
	for _, p := range patterns {
		if !doublestar.ValidatePattern(p) {
			return nil, fault.New(fault.Usage, "ignore: %q is not a pattern", p)
		}
		if path.Base(p) == p {
			names = append(names, p)
		} else {
			paths = append(paths, path.Clean(p))
		}
	}
	matches := func(patterns []string, text string) bool {
		for _, p := range patterns {
			if ok, _ := doublestar.Match(p, text); ok || p == text {
				return true
			}
		}
		return false
	}
	return func(p string) bool { return matches(names, path.Base(p)) || matches(paths, p) }, nil
}

// Find describes one entry at the top of a folder, through links.
func Find(ctx context.Context, s Side, name string) (Entry, error) {
	list, err := s.List(ctx, Listing{Skip: func(p string) bool { return p != name }, Follow: true, Top: true})
	switch {
	case err != nil:
		return Entry{}, err
	case len(list) == 0:
		return Entry{}, fault.New(fault.NotFound, "there is no %s in %s", name, s.Name())
	case list[0].Problem != "":
		return list[0], fault.New(fault.Failed, "cannot look at %s in %s: %s", name, s.Name(), list[0].Problem)
	}
	return list[0], nil
}

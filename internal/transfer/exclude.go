package transfer

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"gofab/internal/fault"
)

func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if strings.Trim(p, "/") == "" || !doublestar.ValidatePattern(p) {
			return fault.New(fault.Usage, "exclude: %q is not a pattern", p)
		}
	}
	return nil
}

// excluded tells whether one of the patterns leaves out an entry. A pattern
// with a "/" before its end is matched with the path from the top of the tree,
// any other with the name alone.
func excluded(patterns []string, rel string, isDir bool) bool {
	for _, p := range patterns {
		if strings.HasSuffix(p, "/") && !isDir {
			continue
		}
		p = strings.TrimSuffix(p, "/")
		name := rel
		if !strings.Contains(p, "/") {
			name = path.Base(rel)
		}
		if ok, _ := doublestar.Match(strings.TrimPrefix(p, "/"), name); ok {
			return true
		}
	}
	return false
}

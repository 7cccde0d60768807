package sshconfig

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"gofab/internal/fault"
)

// include reads the files that its patterns match. In a block that does not
// apply they are checked only. Blocks of an included file end with it.
func (s *statement) include() error {
	for len(s.words) > 0 {
		word, err := s.word()
		if err != nil {
			return s.fail(err)
		}
		pattern, err := s.includePattern(word)
		if err != nil {
			return s.fail(err)
		}
		if s.src.depth >= maxDepth {
			return s.fail(fault.New(fault.Parse, "more than %d files inside each other", maxDepth).
				WithHint("does a file include itself?"))
		}
		for _, name := range glob(pattern) {
			inner := &source{
				path: name, user: s.src.user, depth: s.src.depth + 1,
				active: s.src.active, never: s.src.never || !s.src.active,
			}
			if err := s.readFile(inner, true); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// includePattern anchors a pattern: relative ones are in ~/.ssh, or in /etc/ssh
// for the system's files, which cannot mean a home directory.
func (s *statement) includePattern(word string) (string, error) {
	host, err := s.target()
	if err != nil {
		return "", err
	}
	pattern, err := expand(word, s.tokens(host, host), s.o.Getenv)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(pattern, "~") && !s.src.user:
		return "", fault.New(fault.Parse, "%q: a file of the system cannot include from a home directory", word)
	case strings.HasPrefix(pattern, "/"):
		return pattern, nil
	case strings.HasPrefix(pattern, "~"):
		path, err := expandHome(pattern, s.local.home)
		if err != nil { // in the home directory of nobody there is no file
			return pattern, nil
		}
		return path, nil
	case s.src.user:
		return s.local.home + "/.ssh/" + pattern, nil
	default:
		return systemDir + "/" + pattern, nil
	}
}

// glob gives the names that match an absolute pattern, sorted. As in the shell
// no wildcard matches a leading dot, and [!a] is [^a].
func glob(pattern string) []string {
	found := []string{"/"}
	for _, part := range strings.Split(strings.Trim(pattern, "/"), "/") {
		var next []string
		for _, dir := range found {
			next = append(next, globPart(dir, part)...)
		}
		found = next
	}
	slices.Sort(found)
	return found
}

// globPart gives the entries of a directory that match one part of a pattern.
func globPart(dir, part string) []string {
	if !strings.ContainsAny(part, `*?[\`) {
		name := path.Join(dir, part)
		if _, err := os.Lstat(name); err != nil {
			return nil
		}
		return []string{name}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(part, ".")
		if ok, _ := path.Match(strings.ReplaceAll(part, "[!", "[^"), e.Name()); ok && !hidden {
			found = append(found, path.Join(dir, e.Name()))
		}
	}
	return found
}

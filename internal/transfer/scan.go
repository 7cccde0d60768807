package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gofab/internal/fault"
)

// manyFiles is how many files, folders or listings of a tree are worked on at
// once: enough to hide the latency of a link, far below the open files an
// sftp-server may have (limits@openssh.com, usually 1019).
const manyFiles = 64

// entry is one thing of a tree.
type entry struct {
	rel  string // path below the top, "" for the top itself
	info Info
	link string // where a symbolic link points

	guarded bool // of the target of a sync: excluded, so it stays
}

// scan lists a tree, sorted by path, so that a folder comes before what is in
// it. It goes level by level, which keeps an endless tree within its limits.
func (j *job) scan(ctx context.Context, top string, info Info) ([]entry, error) {
	s := &scanner{job: j, top: top}
	s.found = append(s.found, entry{info: info})
	level := []string{""}
	for depth := 0; len(level) > 0; depth++ {
		if depth > maxDepth {
			return nil, fault.New(fault.Failed, "%s is deeper than %d folders", top, maxDepth)
		}
		s.next = nil
		err := each(ctx, len(level), manyFiles, func(ctx context.Context, i int) error {
			return s.list(ctx, level[i])
		})
		if err != nil {
			return nil, err
		}
		level = s.next
		slices.Sort(level)
	}
	slices.SortFunc(s.found, func(a, b entry) int { return strings.Compare(a.rel, b.rel) })
	return s.found, nil
}

type scanner struct {
	*job
	top   string
	mu    sync.Mutex
	found []entry
	next  []string // folders of the next level
}

// list takes in one folder.
func (s *scanner) list(ctx context.Context, rel string) error {
	dir := join(s.top, rel)
	infos, err := s.from.ReadDir(ctx, dir, s.MaxEntries)
	if err != nil {
		return because(ctx, err, "cannot list %s", dir)
	}
	for i, info := range infos {
		if i > 0 && infos[i-1].Name == info.Name {
			return fault.New(fault.Protocol, "cannot list %s: %q is there twice", dir, info.Name)
		}
		if err := s.take(ctx, rel, info); err != nil {
			return err
		}
	}
	return nil
}

// take decides about one entry.
func (s *scanner) take(ctx context.Context, dir string, info Info) error {
	rel := join(dir, info.Name)
	if excluded(s.Exclude, rel, info.IsDir()) || isTemp(info.Name) {
		s.skip("")
		return nil
	}
	if err := checkName(info.Name); err != nil {
		return because(ctx, err, "cannot copy from %s", join(s.top, dir))
	}
	e := entry{rel: rel, info: info}
	if info.IsLink() {
		return s.takeLink(ctx, e)
	}
	return s.add(e)
}

func (s *scanner) takeLink(ctx context.Context, e entry) (err error) {
	at := join(s.top, e.rel)
	switch s.Symlinks {
	case "skip":
		s.skip("")
		return nil
	case "follow":
		name := e.info.Name
		if e.info, err = s.from.Stat(ctx, at); err != nil {
			return because(ctx, err, "cannot follow the link %s", at)
		}
		e.info.Name = name
	default:
		if e.link, err = s.from.Readlink(ctx, at); err != nil {
			return because(ctx, err, "cannot read the link %s", at)
		}
		if err := checkLink(at, e.rel, e.link); err != nil {
			return err
		}
	}
	return s.add(e)
}

// add keeps what can be copied.
func (s *scanner) add(e entry) error {
	at := join(s.top, e.rel)
	if !e.info.IsDir() && !e.info.IsLink() && !e.info.Mode.IsRegular() {
		s.skip(fmt.Sprintf("%s: left out, it is %s", at, typeName(e.info.Mode)))
		return nil
	}
	if e.info.Size < 0 {
		return fault.New(fault.Protocol, "%s: its size is said to be negative", at)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.found) > s.MaxEntries {
		return TooMany(s.top, s.MaxEntries)
	}
	s.found = append(s.found, e)
	if e.info.IsDir() {
		s.next = append(s.next, e.rel)
	}
	return nil
}

func (s *scanner) skip(note string) {
	if note != "" {
		s.note(note)
	}
	s.job.mu.Lock()
	defer s.job.mu.Unlock()
	s.result.Skipped++
}

// join puts a name or a path below a folder after it; either may be "".
func join(dir, rel string) string {
	if dir == "" || rel == "" {
		return dir + rel
	}
	return beside(dir, rel)
}

// checkLink allows a link that stays inside the tree: relative, with ".." only
// at its beginning, so that no other link on the way can turn it outwards.
func checkLink(at, rel, link string) error {
	depth := strings.Count(rel, "/")
	parts := strings.Split(link, "/")
	names := false
	for _, part := range parts {
		if part == ".." && (names || depth == 0) {
			depth = -1
			break
		}
		if part == ".." {
			depth--
		} else if part != "." && part != "" {
			names = true
		}
	}
	if link == "" || link[0] == '/' || depth < 0 || hasControl(link) {
		return fault.New(fault.Failed, "the link %s points out of the tree, to %q", at, link).
			WithHint(`exclude it, or give symlinks = "follow" or "skip"`)
	}
	return nil
}

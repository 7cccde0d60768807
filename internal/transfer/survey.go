package transfer

import (
	"context"
	"slices"
	"strings"
	"sync"

	"gofab/internal/fault"
)

// survey lists the target of a sync, with everything that is in it; a target
// that is missing is empty. Nothing is followed: what a link points to does not
// belong to the tree.
func (s *syncing) survey(ctx context.Context) ([]entry, error) {
	info, err := s.to.Lstat(ctx, s.top)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil, nil
	case err != nil:
		return nil, because(ctx, err, "cannot look at %s", s.top)
	case !info.IsDir():
		return nil, fault.New(fault.Exists, "%s is %s, not a directory", s.top, typeName(info.Mode))
	}
	v := &surveyor{syncing: s, found: []entry{{info: info}}}
	level := []string{""}
	for depth := 0; len(level) > 0; depth++ {
		if depth > maxDepth {
			return nil, fault.New(fault.Failed, "%s is deeper than %d folders", s.top, maxDepth)
		}
		v.next = nil
		err := each(ctx, len(level), manyFiles, func(ctx context.Context, i int) error { return v.list(ctx, level[i]) })
		if err != nil {
			return nil, err
		}
		level = v.next
	}
	slices.SortFunc(v.found, func(a, b entry) int { return strings.Compare(a.rel, b.rel) })
	return v.found, nil
}

type surveyor struct {
	*syncing
	mu    sync.Mutex
	found []entry
	next  []string
}

func (v *surveyor) list(ctx context.Context, rel string) error {
	dir := join(v.top, rel)
	infos, err := v.to.ReadDir(ctx, dir, v.MaxEntries)
	if err != nil {
		return because(ctx, err, "cannot list %s", dir)
	}
	for _, info := range infos {
		if info.Name == "" || info.Name == "." || info.Name == ".." || strings.ContainsAny(info.Name, "/\x00") {
			return fault.New(fault.Protocol, "cannot list %s: %q is not a file name", dir, info.Name)
		}
		e := entry{rel: join(rel, info.Name), info: info}
		e.guarded = excluded(v.Exclude, e.rel, info.IsDir()) || isTemp(info.Name)
		if info.IsLink() && !e.guarded {
			if e.link, err = v.to.Readlink(ctx, join(v.top, e.rel)); err != nil {
				return because(ctx, err, "cannot read the link %s", join(v.top, e.rel))
			}
		}
		if err := v.add(e); err != nil {
			return err
		}
	}
	return nil
}

func (v *surveyor) add(e entry) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.found) > v.MaxEntries {
		return TooMany(v.top, v.MaxEntries)
	}
	v.found = append(v.found, e)
	if e.info.IsDir() && !e.guarded {
		v.next = append(v.next, e.rel)
	}
	return nil
}

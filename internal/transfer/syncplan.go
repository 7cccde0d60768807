package transfer

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"gofab/internal/fault"
)

// plan is what has to be done, each part in the order in which it is done.
type plan struct {
	clear   []entry // of the target, in the way of something else
	folders []change
	files   []change
	links   []change
	modes   []change // files whose content is equal
	remove  []entry  // of the target

	unchanged       int
	copied, deleted atomic.Int64
}

// change is an entry of the source with what the target has in its place.
type change struct {
	entry
	action string
	old    *Info
}

// compare fills the plan.
func (s *syncing) compare(ctx context.Context, want, have []entry) error {
	there := make(map[string]entry, len(have))
	s.have = make(map[string]Info, len(have))
	for _, h := range have {
		there[h.rel], s.have[h.rel] = h, h.info
	}
	var doubtful []change // files that only their content can tell apart
	for _, w := range want {
		h, found := there[w.rel]
		delete(there, w.rel)
		switch {
		case !found:
			s.add(w, nil)
		case w.info.IsDir() != h.info.IsDir():
			if err := s.clear(w, h, have, there); err != nil {
				return err
			}
			s.add(w, nil)
		case s.isDoubtful(w, h):
			doubtful = append(doubtful, change{w, actUpdate, &h.info})
		default:
			s.differ(w, h)
		}
	}
	if s.options.Delete {
		s.removal(there)
	}
	return s.resolve(ctx, doubtful)
}

// add plans an entry that the target does not have, or has as another type.
func (s *syncing) add(w entry, old *Info) {
	p := &s.plan
	switch {
	case w.info.IsDir():
		p.folders = append(p.folders, change{w, actMkdir, old})
	case w.info.IsLink():
		p.links = append(p.links, change{w, actLink, old})
	case old != nil:
		p.files = append(p.files, change{w, actUpdate, old})
	default:
		p.files = append(p.files, change{w, actCreate, old})
	}
}

// clear plans the removal of what is in the way: of a folder that has something
// in it only with delete.
func (s *syncing) clear(w, h entry, have []entry, there map[string]entry) error {
	for _, e := range have {
		below := strings.HasPrefix(e.rel, h.rel+"/")
		switch {
		case !below && e.rel != h.rel:
			continue
		case below && !s.options.Delete:
			return fault.New(fault.Exists, "cannot replace the folder %s by %s", s.show(s.at(h.rel)), typeName(w.info.Mode)).
				WithHint("delete = true allows it")
		case e.guarded:
			return fault.New(fault.Exists, "cannot replace the folder %s: %s is excluded", s.show(s.at(h.rel)), e.rel)
		}
		s.plan.clear = append(s.plan.clear, e)
		delete(there, e.rel)
	}
	return nil
}

// isDoubtful tells files of equal size whose content has to be compared.
func (s *syncing) isDoubtful(w, h entry) bool {
	return s.options.Checksum && w.info.Mode.IsRegular() && h.info.Mode.IsRegular() && w.info.Size == h.info.Size
}

// differ plans what two entries of the same kind need to become equal.
func (s *syncing) differ(w, h entry) {
	sameTime := w.info.Modified.Unix() == h.info.Modified.Unix()
	switch {
	case w.info.IsDir():
		if modeOf(w.info) == modeOf(h.info) && sameTime {
			s.plan.unchanged++
		} else {
			s.plan.folders = append(s.plan.folders, change{w, actMode, &h.info})
		}
	case w.info.IsLink() && h.info.IsLink() && w.link == h.link:
		s.plan.unchanged++
	case w.info.IsLink() || !h.info.Mode.IsRegular():
		s.add(w, &h.info)
	case w.info.Size != h.info.Size || !sameTime:
		s.add(w, &h.info)
	default:
		s.equal(w, h.info)
	}
}

// equal plans what a file of equal content still needs.
func (s *syncing) equal(w entry, have Info) {
	if modeOf(w.info) == modeOf(have) && w.info.Modified.Unix() == have.Modified.Unix() {
		s.plan.unchanged++
		return
	}
	s.plan.modes = append(s.plan.modes, change{w, actMode, &have})
}

// removal plans the deletion of what the source does not have. What is excluded
// stays, and so do the folders above it.
func (s *syncing) removal(extra map[string]entry) {
	kept := map[string]bool{}
	for rel, e := range extra {
		if e.guarded {
			for ; rel != "." && rel != ""; rel = path.Dir(rel) {
				kept[rel] = true
			}
		}
	}
	for rel, e := range extra {
		if !kept[rel] {
			s.plan.remove = append(s.plan.remove, e)
		}
	}
}

// resolve compares contents: by sums that the target computes, and by reading
// back where it cannot.
func (s *syncing) resolve(ctx context.Context, doubtful []change) error {
	if len(doubtful) == 0 {
		return nil
	}
	sums := map[string]string{}
	if s.options.Compare != nil {
		files := make([]string, len(doubtful))
		for i, d := range doubtful {
			files[i] = d.rel
		}
		top := s.top
		if s.options.HostIsSource {
			top = s.source
		}
		if found, err := s.options.Compare(ctx, top, files); err == nil {
			sums = found
		}
	}
	s.window = windowFor(s.from.Limits(), s.to.Limits())
	var mu sync.Mutex
	return each(ctx, len(doubtful), s.window.files, func(ctx context.Context, i int) error {
		same, err := s.sameContent(ctx, doubtful[i], sums[doubtful[i].rel])
		if err != nil {
			return because(ctx, err, "cannot compare %s", s.at(doubtful[i].rel))
		}
		mu.Lock()
		defer mu.Unlock()
		if same {
			s.equal(doubtful[i].entry, *doubtful[i].old)
		} else {
			s.plan.files = append(s.plan.files, doubtful[i])
		}
		return nil
	})
}

func (s *syncing) sameContent(ctx context.Context, c change, sum string) (bool, error) {
	src, err := openKnown(ctx, s.from, join(s.source, c.rel), c.info)
	if err != nil {
		return false, err
	}
	defer closeQuietly(ctx, s.from, src.file)
	if sum == "" {
		return s.equals(ctx, src, s.at(c.rel))
	}
	if !s.options.HostIsSource {
		own, err := sumOf(ctx, src.file, c.info.Size)
		return own == sum, err
	}
	own, err := s.sumAt(ctx, s.to, s.at(c.rel))
	return own == sum, err
}

// entries lists the plan for the operator.
func (p *plan) entries() []SyncEntry {
	list := []SyncEntry{}
	for _, changes := range [][]change{p.folders, p.files, p.links, p.modes} {
		for _, c := range changes {
			e := SyncEntry{Path: orTop(c.rel), Action: c.action}
			if c.action == actCreate || c.action == actUpdate {
				e.Bytes = c.info.Size
			}
			list = append(list, e)
		}
	}
	for _, gone := range [][]entry{p.clear, p.remove} {
		for _, e := range gone {
			list = append(list, SyncEntry{Path: e.rel, Action: actDelete})
		}
	}
	slices.SortStableFunc(list, func(a, b SyncEntry) int { return strings.Compare(a.Path, b.Path) })
	return list
}

func orTop(rel string) string {
	if rel == "" {
		return "."
	}
	return rel
}

// count tells what the plan would do.
func (p *plan) count() (copied, deleted int, bytes int64) {
	for _, e := range p.entries() {
		switch e.Action {
		case actDelete:
			deleted++
		case actMode:
		default:
			copied++
		}
		bytes += e.Bytes
	}
	return copied, deleted, bytes
}

package transfer

import (
	"context"
	"path"
	"slices"
	"strings"

	"gofab/internal/fault"
)

// tree copies a folder. What exactly is copied is settled before the first
// byte moves, so totals are known and the order is always the same: folders,
// files, links, and at last the modes and times of new folders.
type tree struct {
	*job
	source string          // top folder on the from side
	top    string          // top folder on the to side; "" when it is confined
	fresh  map[string]bool // folders made by this copy, by their path below top
}

func (j *job) tree(ctx context.Context, source, target string, info Info) error {
	t := &tree{job: j, source: source, top: target, fresh: map[string]bool{}}
	j.result.Path = target
	entries, err := j.scan(ctx, source, info)
	if err != nil {
		return err
	}
	if err := t.total(ctx, entries); err != nil {
		return because(ctx, err, "cannot copy %s", source)
	}
	if err := makeFolders(ctx, j.to, parent(target), 0o755); err != nil {
		return because(ctx, err, "cannot write %s", target)
	}
	if err := t.folders(ctx, entries[:1]); err != nil {
		return err
	}
	done, err := t.confine(ctx)
	if err != nil {
		return because(ctx, err, "cannot write %s", target)
	}
	defer done()
	defer t.prepare(ctx, t.seen.TotalBytes, t.seen.TotalFiles)()
	return t.content(ctx, entries)
}

// confine narrows the target side to the top folder, where that side can.
func (t *tree) confine(ctx context.Context) (done func(), err error) {
	side, ok := t.to.(Confiner)
	if !ok {
		return func() {}, nil
	}
	inner, err := side.Confine(ctx, t.top)
	if err != nil {
		return nil, err
	}
	t.to, t.prefix, t.top = inner, t.top, ""
	return func() { _ = inner.Close() }, nil
}

func (t *tree) content(ctx context.Context, entries []entry) error {
	byDepth, files, links := sortOut(entries)
	for _, folders := range byDepth[1:] {
		if err := t.folders(ctx, folders); err != nil {
			return err
		}
	}
	err := each(ctx, len(files), t.window.files, func(ctx context.Context, i int) error { return t.file(ctx, files[i]) })
	if err == nil {
		err = each(ctx, len(links), manyFiles, func(ctx context.Context, i int) error { return t.link(ctx, links[i]) })
	}
	if err != nil {
		return err
	}
	for _, folders := range slices.Backward(byDepth) {
		if err := t.finish(ctx, folders); err != nil {
			return err
		}
	}
	return nil
}

// sortOut separates entries; folders by how deep they are, since those of one
// level do not need each other.
func sortOut(entries []entry) (byDepth [][]entry, files, links []entry) {
	for _, e := range entries {
		switch {
		case e.info.IsDir():
			depth := depth(e.rel)
			for len(byDepth) <= depth {
				byDepth = append(byDepth, nil)
			}
			byDepth[depth] = append(byDepth[depth], e)
		case e.info.IsLink():
			links = append(links, e)
		default:
			files = append(files, e)
		}
	}
	return byDepth, files, links
}

// total checks the limit of bytes and prepares the progress.
func (t *tree) total(ctx context.Context, entries []entry) error {
	for _, e := range entries {
		if e.info.Mode.IsRegular() {
			t.seen.TotalFiles++
			t.seen.TotalBytes += e.info.Size
		}
		if t.seen.TotalBytes < 0 {
			return fault.New(fault.Protocol, "the sizes make no sense")
		}
	}
	return t.checkBytes(ctx, parent(t.top), t.seen.TotalBytes)
}

// depth of the top is 0.
func depth(rel string) int {
	if rel == "" {
		return 0
	}
	return 1 + strings.Count(rel, "/")
}

// at is the path of an entry on the to side.
func (t *tree) at(rel string) string {
	if t.top == "" && rel == "" {
		return "."
	}
	return join(t.top, rel)
}

// folders makes folders that do not need each other. They are writable until
// everything is in them.
func (t *tree) folders(ctx context.Context, list []entry) error {
	return each(ctx, len(list), manyFiles, func(ctx context.Context, i int) error {
		e := list[i]
		made, err := makeFolder(ctx, t.to, t.at(e.rel), e.info.Mode.Perm()|0o700)
		if err != nil {
			return because(ctx, err, "cannot make the folder %s", t.show(t.at(e.rel)))
		}
		if !made {
			return nil
		}
		t.made()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.fresh[e.rel] = true
		return nil
	})
}

// file copies one file of the tree.
func (t *tree) file(ctx context.Context, e entry) error {
	at := join(t.source, e.rel)
	src, err := openKnown(ctx, t.from, at, e.info)
	if err != nil {
		return because(ctx, err, "cannot read %s", at)
	}
	defer closeQuietly(ctx, t.from, src.file)
	old, err := t.oldFile(ctx, e)
	if err == nil {
		err = t.job.file(ctx, src, t.at(e.rel), old)
	}
	if err != nil {
		return because(ctx, err, "cannot write %s", t.show(t.at(e.rel)))
	}
	return nil
}

// oldFile looks at what a file replaces; in a folder that was just made there
// is nothing.
func (t *tree) oldFile(ctx context.Context, e entry) (*Info, error) {
	if t.isFresh(e.rel) {
		return nil, nil
	}
	return t.existing(ctx, t.at(e.rel))
}

func (t *tree) isFresh(rel string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, _ := path.Split(rel)
	return t.fresh[strings.TrimSuffix(dir, "/")]
}

// link makes one symbolic link, unless it is there.
func (t *tree) link(ctx context.Context, e entry) error {
	at := t.at(e.rel)
	if !t.isFresh(e.rel) {
		if there, err := t.to.Readlink(ctx, at); err == nil && there == e.link {
			return nil
		}
		if _, err := t.existing(ctx, at); err != nil {
			return because(ctx, err, "cannot make the link %s", t.show(t.at(e.rel)))
		}
	}
	return t.placeLink(ctx, e)
}

// placeLink makes the link beside its place and renames it.
func (t *tree) placeLink(ctx context.Context, e entry) error {
	at := t.at(e.rel)
	temp := tempName(at)
	err := t.to.Symlink(ctx, e.link, temp)
	if err == nil {
		err = t.to.Rename(ctx, temp, at)
	}
	if err != nil {
		cleanup(ctx, t.to, func(ctx context.Context) { _ = t.to.Remove(ctx, temp) })
		return because(ctx, explain(ctx, t.to, parent(at), 0, err), "cannot make the link %s", t.show(t.at(e.rel)))
	}
	t.made()
	return nil
}

// finish gives new folders of one level their owner, mode and times.
func (t *tree) finish(ctx context.Context, folders []entry) error {
	return each(ctx, len(folders), manyFiles, func(ctx context.Context, i int) error {
		e := folders[i]
		if !t.fresh[e.rel] {
			return nil
		}
		if err := t.finishFolder(ctx, t.at(e.rel), e.info); err != nil {
			return because(ctx, err, "cannot finish the folder %s", t.show(t.at(e.rel)))
		}
		return nil
	})
}

func (t *tree) finishFolder(ctx context.Context, at string, info Info) error {
	if t.uid >= 0 || t.gid >= 0 {
		now, err := t.to.Stat(ctx, at)
		if err == nil {
			err = t.to.Chown(ctx, at, orElse(t.uid, now.UID), orElse(t.gid, now.GID))
		}
		if err != nil {
			return err
		}
	}
	if mode := info.Mode.Perm(); mode != mode|0o700 {
		if err := t.to.Chmod(ctx, at, mode); err != nil {
			return err
		}
	}
	if t.Preserve {
		return t.to.Chtimes(ctx, at, info.Accessed, info.Modified)
	}
	return nil
}

// orElse is id, or other when no id was asked for.
func orElse(id, other int) int {
	if id < 0 {
		return other
	}
	return id
}

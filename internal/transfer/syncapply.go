package transfer

import (
	"context"
	"slices"

	"gofab/internal/fault"
)

// apply does what was planned: it clears the way, makes folders, copies, and
// deletes at last, so that nothing old is gone before everything new is there.
func (s *syncing) apply(ctx context.Context) error {
	if err := makeFolders(ctx, s.to, parent(s.top), 0o755); err != nil {
		return because(ctx, err, "cannot write %s", s.top)
	}
	if err := s.makeTop(ctx); err != nil {
		return err
	}
	done, err := s.confine(ctx)
	if err != nil {
		return because(ctx, err, "cannot write %s", s.show(s.top))
	}
	defer done()
	for _, f := range s.plan.files {
		s.seen.TotalFiles++
		s.seen.TotalBytes += f.info.Size
	}
	defer s.prepare(ctx, s.seen.TotalBytes, s.seen.TotalFiles)()
	for _, step := range []func(context.Context) error{
		s.unlock,
		func(ctx context.Context) error { return s.removeAll(ctx, s.plan.clear) },
		s.makeFolders, s.copyFiles, s.makeLinks, s.setModes,
		func(ctx context.Context) error { return s.removeAll(ctx, s.plan.remove) },
		s.finishFolders,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// makeTop makes the top folder before the target is confined to it.
func (s *syncing) makeTop(ctx context.Context) error {
	if p := &s.plan; len(p.folders) > 0 && p.folders[0].rel == "" && p.folders[0].action == actMkdir {
		s.plan.copied.Add(1)
		return s.folders(ctx, []entry{p.folders[0].entry})
	}
	return nil
}

// unlock lets this user work in folders that are going to change. Their modes
// come back at the end.
func (s *syncing) unlock(ctx context.Context) error {
	for _, e := range s.touched() {
		now, there := s.have[e.rel]
		if !there || !now.IsDir() || modeOf(now)&0o700 == 0o700 {
			continue
		}
		if err := s.to.Chmod(ctx, s.at(e.rel), modeOf(now)|0o700); err != nil {
			return because(ctx, err, "cannot change the folder %s", s.show(s.at(e.rel)))
		}
	}
	return nil
}

// makeFolders makes those that are missing; their final modes come at the end.
func (s *syncing) makeFolders(ctx context.Context) error {
	var missing []entry
	for _, c := range s.plan.folders {
		if c.action == actMkdir && c.rel != "" {
			missing = append(missing, c.entry)
		}
	}
	byDepth, _, _ := sortOut(missing)
	for _, level := range byDepth {
		if err := s.folders(ctx, level); err != nil {
			return err
		}
		s.plan.copied.Add(int64(len(level)))
	}
	return nil
}

func (s *syncing) copyFiles(ctx context.Context) error {
	return each(ctx, len(s.plan.files), s.window.files, func(ctx context.Context, i int) error {
		c := s.plan.files[i]
		at := join(s.source, c.rel)
		src, err := openKnown(ctx, s.from, at, c.info)
		if err != nil {
			return because(ctx, err, "cannot read %s", at)
		}
		defer closeQuietly(ctx, s.from, src.file)
		old := c.old
		if old != nil && !old.Mode.IsRegular() {
			old = nil // a link or device has nothing to pass on
		}
		if err := s.job.file(ctx, src, s.at(c.rel), old); err != nil {
			return because(ctx, err, "cannot write %s", s.show(s.at(c.rel)))
		}
		s.plan.copied.Add(1)
		return nil
	})
}

func (s *syncing) makeLinks(ctx context.Context) error {
	return each(ctx, len(s.plan.links), manyFiles, func(ctx context.Context, i int) error {
		err := s.placeLink(ctx, s.plan.links[i].entry)
		if err == nil {
			s.plan.copied.Add(1)
		}
		return err
	})
}

// setModes gives files of equal content their mode and time.
func (s *syncing) setModes(ctx context.Context) error {
	return each(ctx, len(s.plan.modes), manyFiles, func(ctx context.Context, i int) error {
		return s.setMode(ctx, s.plan.modes[i])
	})
}

func (s *syncing) setMode(ctx context.Context, c change) error {
	at := s.at(c.rel)
	var err error
	if modeOf(c.info) != modeOf(*c.old) {
		err = s.to.Chmod(ctx, at, modeOf(c.info))
	}
	if err == nil {
		err = s.to.Chtimes(ctx, at, c.info.Accessed, c.info.Modified)
	}
	if err != nil {
		return because(ctx, err, "cannot set mode and time of %s", s.show(at))
	}
	return nil
}

// finishFolders gives folders their mode and time, deepest first, also those
// whose time was changed by what was done in them.
func (s *syncing) finishFolders(ctx context.Context) error {
	byDepth, _, _ := sortOut(s.touched())
	for _, level := range slices.Backward(byDepth) {
		err := each(ctx, len(level), manyFiles, func(ctx context.Context, i int) error {
			e := level[i]
			err := s.to.Chmod(ctx, s.at(e.rel), modeOf(e.info))
			if err == nil {
				err = s.to.Chtimes(ctx, s.at(e.rel), e.info.Accessed, e.info.Modified)
			}
			if err != nil {
				return because(ctx, err, "cannot finish the folder %s", s.show(s.at(e.rel)))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// touched are the folders of the source that have changed there or in which
// something was done.
func (s *syncing) touched() []entry {
	rels := map[string]bool{}
	for _, list := range [][]change{s.plan.folders, s.plan.files, s.plan.links} {
		for _, c := range list {
			rels[folderOf(c.rel)] = true
		}
	}
	for _, list := range [][]entry{s.plan.clear, s.plan.remove} {
		for _, e := range list {
			rels[folderOf(e.rel)] = true
		}
	}
	for _, c := range s.plan.folders {
		rels[c.rel] = true
	}
	var found []entry
	for _, e := range s.want {
		if e.info.IsDir() && rels[e.rel] {
			found = append(found, e)
		}
	}
	return found
}

// folderOf is the folder of a path below the top; "" is the top.
func folderOf(rel string) string {
	if dir := parent(rel); dir != "." {
		return dir
	}
	return ""
}

// removeAll deletes entries of the target, the deepest first and those of one
// depth at once. What is gone already is no trouble.
func (s *syncing) removeAll(ctx context.Context, list []entry) error {
	var levels [][]entry
	for _, e := range list {
		d := depth(e.rel)
		for len(levels) <= d {
			levels = append(levels, nil)
		}
		levels[d] = append(levels[d], e)
	}
	for _, level := range slices.Backward(levels) {
		err := each(ctx, len(level), manyFiles, func(ctx context.Context, i int) error {
			at := s.at(level[i].rel)
			if err := s.to.Remove(ctx, at); err != nil && fault.KindOf(err) != fault.NotFound {
				return because(ctx, err, "cannot delete %s", s.show(at))
			}
			s.plan.deleted.Add(1)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

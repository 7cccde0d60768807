package transfer

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"

	"gofab/internal/fault"
)

// draft is a file on its way: the temporary one beside its target.
type draft struct {
	*job
	source
	file   File // the temporary file; source.file is what is read
	temp   string
	target string
	old    *Info        // what is replaced; nil is nothing
	size   int64        // bytes the new file must have
	done   atomic.Int64 // bytes written so far
	there  []bool       // blocks that a former run wrote
}

// file brings src to target, unless it is there already.
func (j *job) file(ctx context.Context, src source, target string, old *Info) error {
	if j.Update && old != nil {
		same, err := j.isSame(ctx, src, target, *old)
		if err != nil {
			return because(ctx, err, "cannot compare %s", target)
		}
		if same {
			j.placed(target, false)
			return nil
		}
	}
	d := &draft{job: j, source: src, temp: tempName(target), target: target, old: old}
	err := d.begin(ctx)
	if err == nil {
		err = d.complete(ctx)
	}
	if err != nil {
		return because(ctx, err, "cannot write %s", target)
	}
	j.placed(target, true)
	j.remember(src, target)
	return nil
}

// begin opens the temporary file.
func (d *draft) begin(ctx context.Context) error {
	if d.Resume && d.info.Size > smallFile {
		if found, err := d.pickUp(ctx); found || err != nil {
			return err
		}
	}
	return d.create(ctx)
}

// isSame compares what is there with what would come.
func (j *job) isSame(ctx context.Context, src source, target string, old Info) (bool, error) {
	switch {
	case !old.Mode.IsRegular() || old.Size != src.info.Size:
		return false, nil
	case src.info.Size == 0 && !src.isEmpty(ctx): // as those of /proc
		return false, nil
	case j.modeSet && old.Mode.Perm() != j.mode.Perm():
		return false, nil
	case j.uid >= 0 && old.UID != j.uid || j.gid >= 0 && old.GID != j.gid:
		return false, nil
	case j.Preserve:
		return old.Modified.Unix() == src.info.Modified.Unix(), nil
	}
	return j.equals(ctx, src, target)
}

// equals reads the file at path and compares it with src.
func (j *job) equals(ctx context.Context, src source, path string) (bool, error) {
	written, err := openSource(ctx, j.to, path)
	if err != nil {
		return false, err
	}
	defer closeQuietly(ctx, j.to, written.file)
	return j.window.same(ctx, src.file, written.file, written.info.Size)
}

// create makes the temporary file, and the folders above it when they are
// missing.
func (d *draft) create(ctx context.Context) error {
	dir := parent(d.target)
	err := d.try(ctx, dir)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err := makeFolders(ctx, d.to, dir, 0o755); err != nil {
		return err
	}
	return d.try(ctx, dir)
}

func (d *draft) try(ctx context.Context, dir string) (err error) {
	if d.file, err = d.to.Create(ctx, d.temp); err == nil {
		return nil
	}
	if ctx.Err() != nil {
		d.discard(ctx) // it may have been made all the same
	}
	if better := explain(ctx, d.to, dir, 0, err); better != err || fault.KindOf(err) != fault.Denied {
		return better
	}
	return fault.New(fault.Denied, "no permission to create files in %s", dir)
}

// complete fills the temporary file and puts it in place, or removes it.
func (d *draft) complete(ctx context.Context) error {
	quick, err := d.quickly(ctx)
	if err == nil && !quick {
		err = d.fill(ctx)
	}
	if err == nil && !quick {
		err = d.finish(ctx)
	}
	if err == nil {
		err = d.publish(ctx)
	}
	if err == nil {
		return nil
	}
	err = explain(ctx, d.to, parent(d.target), d.info.Size-d.done.Load(), err)
	if d.keeps(err) {
		closeQuietly(ctx, d.to, d.file)
		return err
	}
	d.discard(ctx)
	return err
}

// fill copies the bytes.
func (d *draft) fill(ctx context.Context) (err error) {
	moved := d.moved(d.target)
	copied := func(n int) {
		d.done.Add(int64(n))
		moved(n)
	}
	if d.size = d.info.Size; d.size == 0 {
		d.size, err = d.window.copyAll(ctx, d.source.file, d.file, d.maxBytes, copied)
	} else {
		err = d.window.copy(ctx, d.source.file, d.file, d.size, d.there, copied)
	}
	if err != nil {
		return err
	}
	return d.settled(ctx, d.Growing)
}

// finish proves the size, brings the file to disk, gives it owner, mode and
// times and closes it. The mode comes after the owner: it may let in a group
// that must not read this before it is theirs, and a new owner clears the
// set-user-ID bit (chown(2)).
func (d *draft) finish(ctx context.Context) error {
	if !d.keepsOwner() {
		now, err := d.file.Stat(ctx)
		if err == nil {
			err = d.chown(ctx, now)
		}
		if err != nil {
			return err
		}
	}
	written, err := d.finishWith(ctx, nil, d.size)
	if err != nil {
		return err
	}
	return d.proven(written)
}

// keepsOwner tells that the file stays with whoever made it.
func (d *draft) keepsOwner() bool { return d.uid < 0 && d.gid < 0 && d.old == nil }

// sync brings the file to disk, where the other side can be asked to.
func (d *draft) sync(ctx context.Context) error {
	if err := d.file.Sync(ctx); fault.KindOf(err) != fault.Unsupported {
		return err
	}
	return nil
}

func (d *draft) chmod(ctx context.Context) error { return d.file.Chmod(ctx, d.finalMode()) }

// chown gives the file the owner that was asked for, or that of the file it
// replaces as far as this user may.
func (d *draft) chown(ctx context.Context, now Info) error {
	uid, gid := d.uid, d.gid
	asked := uid >= 0 || gid >= 0
	if d.old != nil {
		uid, gid = orElse(uid, d.old.UID), orElse(gid, d.old.GID)
	}
	uid, gid = orElse(uid, now.UID), orElse(gid, now.GID)
	if uid == now.UID && gid == now.GID || uid < 0 || gid < 0 {
		return nil
	}
	err := d.file.Chown(ctx, uid, gid)
	if err != nil && asked {
		return detail(ctx, err, "cannot give it to user %d and group %d", uid, gid)
	}
	return ctx.Err()
}

// finalMode is the mode that was asked for, that of the source, or for content
// that of the old file.
func (d *draft) finalMode() fs.FileMode {
	_, content := d.source.file.(*memory)
	switch {
	case d.modeSet:
		return d.mode
	case content && d.old != nil && d.old.Mode.IsRegular():
		return d.old.Mode.Perm()
	default:
		return d.info.Mode.Perm()
	}
}

// publish makes the temporary file the target.
func (d *draft) publish(ctx context.Context) error {
	if d.Verify {
		same, err := d.equals(ctx, d.source, d.temp)
		if err != nil {
			return err
		}
		if !same {
			return fault.New(fault.Protocol, "the file that was written differs from its source")
		}
	}
	err := d.to.Rename(ctx, d.temp, d.target)
	if fault.KindOf(err) == fault.Unsupported && d.old != nil {
		return d.swap(ctx)
	}
	return err
}

// swap replaces the old file on a server that cannot do it in one step: the
// old file is moved away first, and back if the new one cannot come.
func (d *draft) swap(ctx context.Context) error {
	aside := tempName(d.target)
	if err := d.to.Rename(ctx, d.target, aside); err != nil {
		return err
	}
	if err := d.to.Rename(ctx, d.temp, d.target); err != nil {
		cleanup(ctx, d.to, func(ctx context.Context) { _ = d.to.Rename(ctx, aside, d.target) })
		return err
	}
	cleanup(ctx, d.to, func(ctx context.Context) { _ = d.to.Remove(ctx, aside) })
	d.note(fmt.Sprintf("%s: the server cannot replace a file in one step; for a moment there was none", d.show(d.target)))
	return nil
}

// discard removes the temporary file.
func (d *draft) discard(ctx context.Context) {
	cleanup(ctx, d.to, func(ctx context.Context) {
		if d.file != nil {
			_ = d.file.Close(ctx)
		}
		_ = d.to.Remove(ctx, d.temp)
	})
}

const tempMark = ".gofab-"

// tempName is a name beside target that nobody can guess.
func tempName(target string) string {
	name := target[strings.LastIndexByte(target, '/')+1:]
	name = name[:min(len(name), 200)] // NAME_MAX is 255
	return beside(parent(target), "."+name+tempMark+strings.ToLower(rand.Text()[:16]))
}

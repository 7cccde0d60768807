package transfer

import (
	"context"
	"time"

	"gofab/internal/fault"
)

// Put copies a file, a folder or content to a host. With an error comes what
// was done until then, also as its Result.
func Put(ctx context.Context, o PutOptions) (Result, error) {
	j, err := newJob(o.From, o.To, o.Mode, o.TreeOptions, o.Progress)
	if err != nil {
		return Result{}, err
	}
	j.putting = true
	return j.end(j.checked(ctx, j.put(ctx, o)))
}

// Place completes the target: without one a file or folder goes into the
// working directory, under its own name.
func (o *PutOptions) Place() error {
	if o.Target != "" {
		return nil
	}
	if o.Content != nil {
		return fault.New(fault.Usage, "target: content needs the name of a file")
	}
	o.Target = "./"
	return nil
}

func (j *job) put(ctx context.Context, o PutOptions) (err error) {
	if j.uid, j.gid, err = owner(ctx, o.To, o.Owner, o.Group); err != nil {
		return err
	}
	switch {
	case o.Content != nil && o.Source != "":
		return fault.New(fault.Usage, "both a source and content are given")
	case o.Content != nil:
		return j.putContent(ctx, *o.Content, o.Target)
	default:
		return j.copy(ctx, o.Source, o.Target)
	}
}

func (j *job) putContent(ctx context.Context, content, target string) error {
	file := &memory{made: time.Now(), data: []byte(content)}
	info, err := file.Stat(ctx)
	if err != nil {
		return err
	}
	return j.single(ctx, source{file: file, info: info}, "", target)
}

// copy copies a file or a folder.
func (j *job) copy(ctx context.Context, from, target string) error {
	name := baseName(from)
	from, err := expand(ctx, j.from, from)
	if err != nil {
		return err
	}
	info, err := j.from.Stat(ctx, from)
	if err != nil {
		return because(ctx, err, "cannot read %s", from)
	}
	if info.IsDir() {
		top, err := j.placeTree(ctx, name, target)
		if err != nil {
			return err
		}
		return j.tree(ctx, trim(from), top, info)
	}
	src, err := openKnown(ctx, j.from, from, info)
	if err != nil {
		return because(ctx, err, "cannot read %s", from)
	}
	defer closeQuietly(ctx, j.from, src.file)
	return j.single(ctx, src, name, target)
}

package transfer

import (
	"context"
	"io/fs"

	"gofab/internal/fault"
)

// placeFile finds the path of a file that is to be copied to target; name is
// that of the source, "" for content.
func (j *job) placeFile(ctx context.Context, name, target string) (string, error) {
	inside := isFolder(target)
	target, err := expand(ctx, j.to, target)
	if err != nil {
		return "", err
	}
	if !inside {
		info, err := j.to.Stat(ctx, target)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return "", because(ctx, err, "cannot write %s", target)
		}
		inside = err == nil && info.IsDir()
	}
	if inside && name == "" {
		return "", fault.New(fault.Usage, "cannot write %s: it is a directory", target).WithHint("add the name of the file")
	}
	if inside {
		target = beside(target, name)
	}
	return j.throughLinks(ctx, target)
}

// placeTree finds the top folder of the copy of a tree. It looks at nothing
// but the words, so that a second run does what the first did.
func (j *job) placeTree(ctx context.Context, name, target string) (string, error) {
	inside := isFolder(target) && name != ""
	target, err := expand(ctx, j.to, target)
	if err != nil {
		return "", err
	}
	if inside {
		target = beside(target, name)
	}
	return trim(target), nil
}

// maxLinks bounds a chain of symbolic links, as the kernel does (path_resolution(7)).
const maxLinks = 40

// throughLinks follows symbolic links at the target, also to a file that does
// not exist yet.
func (j *job) throughLinks(ctx context.Context, target string) (string, error) {
	first := target
	for range maxLinks {
		info, err := j.to.Lstat(ctx, target)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			return target, nil
		case err != nil:
			return "", because(ctx, err, "cannot write %s", first)
		case !info.IsLink():
			return target, nil
		}
		link, err := j.to.Readlink(ctx, target)
		if err != nil {
			return "", because(ctx, err, "cannot write %s", first)
		}
		if link[0] == '/' {
			target = link
		} else {
			target = beside(parent(target), link)
		}
	}
	return "", fault.New(fault.Exists, "cannot write %s: too many symbolic links", first)
}

// existing looks at what a file is going to replace; nil is nothing.
func (j *job) existing(ctx context.Context, target string) (*Info, error) {
	info, err := j.to.Lstat(ctx, target)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode.IsRegular() && !info.IsLink():
		return nil, fault.New(fault.Exists, "it is %s", typeName(info.Mode))
	}
	return &info, nil
}

// makeFolders makes a folder and those above it. What is there already stays
// as it is.
func makeFolders(ctx context.Context, side FS, dir string, mode fs.FileMode) error {
	info, err := side.Stat(ctx, dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fault.New(fault.Exists, "%s is %s, not a directory", dir, typeName(info.Mode))
	case fault.KindOf(err) != fault.NotFound:
		return err
	}
	if up := parent(dir); up != dir {
		if err := makeFolders(ctx, side, up, mode); err != nil {
			return err
		}
	}
	if _, err := makeFolder(ctx, side, dir, mode); err != nil {
		return detail(ctx, err, "cannot make the folder %s", dir)
	}
	return nil
}

// makeFolder makes one folder, unless somebody else just did.
func makeFolder(ctx context.Context, side FS, dir string, mode fs.FileMode) (made bool, err error) {
	if err = side.Mkdir(ctx, dir, mode); err == nil {
		return true, nil
	}
	info, statErr := side.Stat(ctx, dir)
	switch {
	case statErr != nil:
		return false, explain(ctx, side, parent(dir), 0, err)
	case !info.IsDir():
		return false, fault.New(fault.Exists, "%s is %s, not a directory", dir, typeName(info.Mode))
	}
	return false, nil
}

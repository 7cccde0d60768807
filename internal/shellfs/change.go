package shellfs

import (
	"context"
	"io/fs"
	"strconv"
	"time"

	"gofab/internal/transfer"
)

// Mkdir makes a folder with exactly this mode.
func (f *FS) Mkdir(ctx context.Context, p string, mode fs.FileMode) error {
	_, err := f.run(ctx, p, `mkdir -- "$1" && chmod "$2" -- "$1"`, nil, p, bits(mode))
	return err
}

// Rename replaces a file at the new path in one step.
func (f *FS) Rename(ctx context.Context, from, to string) error {
	const script = `if [ -d "$2" ] && [ ! -L "$2" ] && [ ! -d "$1" ]; then echo "is a directory" >&2; exit 1; fi; mv -f -T -- "$1" "$2"`
	_, err := f.run(ctx, to, script, nil, from, to)
	return err
}

// Remove removes a file, a link or an empty folder.
func (f *FS) Remove(ctx context.Context, p string) error {
	const script = `if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir -- "$1"
elif [ -e "$1" ] || [ -L "$1" ]; then rm -f -- "$1"
else echo "No such file or directory" >&2; exit 1; fi`
	_, err := f.run(ctx, p, script, nil, p)
	return err
}

// Chmod sets the mode.
func (f *FS) Chmod(ctx context.Context, p string, mode fs.FileMode) error {
	_, err := f.run(ctx, p, `chmod "$2" -- "$1"`, nil, p, bits(mode))
	return err
}

// Chown sets the owner; -1 leaves one as it is.
func (f *FS) Chown(ctx context.Context, p string, uid, gid int) error {
	owner := ""
	if uid >= 0 {
		owner = strconv.Itoa(uid)
	}
	if gid >= 0 {
		owner += ":" + strconv.Itoa(gid)
	}
	if owner == "" {
		return nil
	}
	_, err := f.run(ctx, p, `chown -h "$2" -- "$1"`, nil, p, owner)
	return err
}

// Chtimes sets the times, in whole seconds.
func (f *FS) Chtimes(ctx context.Context, p string, accessed, modified time.Time) error {
	const script = `touch -c -a -d "@$2" -- "$1" && touch -c -m -d "@$3" -- "$1"`
	_, err := f.run(ctx, p, script, nil, p, strconv.FormatInt(accessed.Unix(), 10), strconv.FormatInt(modified.Unix(), 10))
	return err
}

// Readlink gives the target of a link.
func (f *FS) Readlink(ctx context.Context, p string) (string, error) {
	out, err := f.run(ctx, p, `readlink -n -- "$1"`, nil, p)
	return string(out), err
}

// Symlink makes a link that did not exist.
func (f *FS) Symlink(ctx context.Context, target, p string) error {
	const script = `if [ -e "$1" ] || [ -L "$1" ]; then echo "File exists" >&2; exit 1; fi; ln -s -- "$2" "$1"`
	_, err := f.run(ctx, p, script, nil, p, target)
	return err
}

// block is what one command reads or writes.
const block = 1 << 20

// Limits has few large steps: each is a command.
func (f *FS) Limits() transfer.Limits { return transfer.Limits{Block: block, InFlight: 2, Files: 4} }

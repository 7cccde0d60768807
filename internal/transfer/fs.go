package transfer

import (
	"context"
	"io/fs"
	"time"
)

// FS is one side of a copy. Paths are slash separated; a relative path begins
// at the side's own folder, which is the home folder on a host.
//
// Errors are *fault.Error with the kind a script can act on and the path in
// the message; fault.Failed where the other side does not say why. Every
// method returns within 100 ms of the end of its context. An FS may be used
// by many goroutines at once.
type FS interface {
	// Home is the absolute path of the home folder.
	Home(ctx context.Context) (string, error)
	// Open opens a file for reading.
	Open(ctx context.Context, path string) (File, error)
	// Create makes a file that did not exist, for writing, with mode 0600.
	Create(ctx context.Context, path string) (File, error)
	// Stat follows symbolic links, Lstat does not.
	Stat(ctx context.Context, path string) (Info, error)
	Lstat(ctx context.Context, path string) (Info, error)
	// ReadDir lists a folder, as Lstat does, by name. More than max entries are
	// an error; 0 is no limit.
	ReadDir(ctx context.Context, path string, max int) ([]Info, error)
	// Mkdir makes a folder with exactly this mode, whatever the umask.
	Mkdir(ctx context.Context, path string, mode fs.FileMode) error
	// Rename replaces a file at the new path in one step, as rename(2) does. It
	// fails with fault.Unsupported when the other side cannot.
	Rename(ctx context.Context, from, to string) error
	// Remove removes a file, a link or an empty folder.
	Remove(ctx context.Context, path string) error
	Chmod(ctx context.Context, path string, mode fs.FileMode) error
	Chown(ctx context.Context, path string, uid, gid int) error
	Chtimes(ctx context.Context, path string, accessed, modified time.Time) error
	Readlink(ctx context.Context, path string) (string, error)
	Symlink(ctx context.Context, target, path string) error
	// Limits tells how it is best read and written.
	Limits() Limits
}

// File is an open file. Like an FS it may be used by many goroutines at once,
// which is how a copy fills a link with latency. After an error of ReadAt or
// WriteAt p is not used again by the caller: a request that was given up may
// still be looking at it. A faster path between two particular sides can be
// offered beside these methods.
type File interface {
	// ReadAt fills p from offset off, or fails; at the end of the file it gives
	// what there is and io.EOF (as io.ReaderAt).
	ReadAt(ctx context.Context, p []byte, off int64) (int, error)
	// WriteAt writes all of p at offset off, or fails (as io.WriterAt).
	WriteAt(ctx context.Context, p []byte, off int64) (int, error)
	Stat(ctx context.Context) (Info, error)
	Chmod(ctx context.Context, mode fs.FileMode) error
	Chown(ctx context.Context, uid, gid int) error
	// Sync brings the file to disk (fsync(2)); fault.Unsupported when the other
	// side cannot be asked to.
	Sync(ctx context.Context) error
	Close(ctx context.Context) error
}

// Info describes one file.
type Info struct {
	Name     string      // last element of the path
	Size     int64       // bytes
	Mode     fs.FileMode // type and permission bits
	Modified time.Time
	Accessed time.Time
	UID, GID int // -1 when unknown
}

// IsDir tells a folder.
func (i Info) IsDir() bool { return i.Mode.IsDir() }

// IsLink tells a symbolic link.
func (i Info) IsLink() bool { return i.Mode&fs.ModeSymlink != 0 }

// Limits tells how a file system is best read and written.
type Limits struct {
	Block    int // bytes of one ReadAt or WriteAt
	InFlight int // how many of them at once
	Files    int // how many files of a tree at once; 0 is the usual
}

// Widener is a file system that can open more channels for a large copy.
type Widener interface {
	// Widen is told how much is to be copied; narrow ends what it did.
	Widen(ctx context.Context, bytes int64, files int) (narrow func())
}

// Finisher is a File that can be completed in one round trip.
type Finisher interface {
	// Finish writes rest at off, gives the file its mode and times, brings it
	// to disk where that is possible, looks at it and closes it, whatever
	// happens.
	Finish(ctx context.Context, rest []byte, off int64, final Final) (Info, error)
}

// Final is what a file gets at its end.
type Final struct {
	Mode               fs.FileMode
	Times              bool // whether the times are set
	Accessed, Modified time.Time
}

// Reopener is a file system that can go on with a file that was begun.
type Reopener interface {
	// Reopen opens a file for writing that is there; not through a link.
	Reopen(ctx context.Context, path string) (File, error)
}

// StatReader is a File that can be read and looked at in one round trip.
type StatReader interface {
	// ReadStat is ReadAt; Info is what the file was after it.
	ReadStat(ctx context.Context, p []byte, off int64) (int, Info, error)
}

// Dropper is a File that can be closed without waiting, when it only was read.
type Dropper interface {
	Drop()
}

// Spacer is a file system that knows how full it is (statvfs(3)).
type Spacer interface {
	Space(ctx context.Context, path string) (Space, error)
}

// Space is how full a file system is.
type Space struct {
	Total, Free      uint64 // bytes; free for an ordinary user
	Files, FilesFree uint64 // inodes; 0 of 0 where there is no limit
	ReadOnly         bool
}

// Confiner is a file system that can be narrowed down to one of its folders,
// so that no path and no symbolic link leads out of it.
type Confiner interface {
	Confine(ctx context.Context, dir string) (ConfinedFS, error)
}

// ConfinedFS is a file system that holds its folder open.
type ConfinedFS interface {
	FS
	Close() error
}

package knownhosts

import (
	"errors"
	"os"
	"syscall"
)

// lock opens a file and locks it until it is closed. The file may be replaced by
// another while we wait for it: then the new one is locked.
func lock(file string, flags int) (*os.File, error) {
	for {
		f, err := os.OpenFile(file, flags, 0o600)
		if err != nil {
			return nil, err
		}
		if err := flock(f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		ours, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		now, err := os.Stat(file)
		if err == nil && os.SameFile(ours, now) {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// flock takes the lock of the whole file (flock(2)), which goes with the open
// file, so that goroutines exclude each other too.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

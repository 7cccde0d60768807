//go:build unix

package journal

import (
	"os"
	"syscall"
)

// A journal that is being written is locked, which ends with the process,
// however that ends.

// lock fails only when another process has it: some file systems have no locks.
func lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		return err
	}
	return nil
}

// locked tells whether some process writes a journal.
func locked(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}

package serial

import (
	"os"
	"syscall"
)

// dupOf gives a descriptor that no os.File owns, as a parent process leaves it.
func dupOf(f *os.File) (int, error) { return syscall.Dup(int(f.Fd())) }

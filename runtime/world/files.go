package world

import "syscall"

// FileLimit is how many files the process may have open at a time. Go has
// raised the soft limit to the hard one when the process began.
func FileLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 256 // the least that is common
	}
	return int(min(limit.Cur, 1<<30))
}

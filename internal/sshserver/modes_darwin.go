package sshserver

import "golang.org/x/sys/unix"

// tcflag is the type of termios(3)'s flags.
type tcflag = uint64

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

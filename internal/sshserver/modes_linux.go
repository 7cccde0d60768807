package sshserver

import "golang.org/x/sys/unix"

// tcflag is the type of termios(3)'s flags.
type tcflag = uint32

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

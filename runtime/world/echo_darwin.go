package world

import (
	"os"

	"golang.org/x/sys/unix"
)

// echoOff stops showing what is typed, and leaves line editing and Ctrl-C as
// they are.
func echoOff(tty *os.File) error {
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TIOCGETA)
	if err != nil {
		return err
	}
	state.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(int(tty.Fd()), unix.TIOCSETA, state)
}

package serial

import "golang.org/x/sys/unix"

const getModes, setModes = unix.TIOCGETA, unix.TIOCSETA

func setSpeed(t *unix.Termios, baud int) bool {
	t.Ispeed, t.Ospeed = uint64(baud), uint64(baud)
	return baud > 0
}

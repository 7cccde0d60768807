package serial

import "golang.org/x/sys/unix"

const getModes, setModes = unix.TCGETS, unix.TCSETS

var speeds = map[int]uint32{
	300: unix.B300, 600: unix.B600, 1200: unix.B1200, 2400: unix.B2400, 4800: unix.B4800, 9600: unix.B9600,
	19200: unix.B19200, 38400: unix.B38400, 57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
	460800: unix.B460800, 500000: unix.B500000, 921600: unix.B921600, 1000000: unix.B1000000, 1500000: unix.B1500000,
	2000000: unix.B2000000, 3000000: unix.B3000000,
}

func setSpeed(t *unix.Termios, baud int) bool {
	speed, ok := speeds[baud]
	t.Cflag |= speed
	t.Ispeed, t.Ospeed = speed, speed
	return ok
}

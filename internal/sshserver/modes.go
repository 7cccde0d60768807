package sshserver

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// modeSwitch is one terminal mode of RFC 4254, section 8, that is a plain
// switch: a bit in one of the four fields of termios(3).
type modeSwitch struct {
	field func(*unix.Termios) *tcflag
	bit   tcflag
}

func input(t *unix.Termios) *tcflag   { return &t.Iflag }
func output(t *unix.Termios) *tcflag  { return &t.Oflag }
func control(t *unix.Termios) *tcflag { return &t.Cflag }
func local(t *unix.Termios) *tcflag   { return &t.Lflag }

// modeSwitches by their number in the protocol. Control characters and speeds
// keep the system's defaults.
var modeSwitches = map[byte]modeSwitch{
	30: {input, unix.IGNPAR}, 31: {input, unix.PARMRK}, 32: {input, unix.INPCK}, 33: {input, unix.ISTRIP},
	34: {input, unix.INLCR}, 35: {input, unix.IGNCR}, 36: {input, unix.ICRNL},
	38: {input, unix.IXON}, 39: {input, unix.IXANY}, 40: {input, unix.IXOFF}, 41: {input, unix.IMAXBEL}, 42: {input, unix.IUTF8},
	50: {local, unix.ISIG}, 51: {local, unix.ICANON},
	53: {local, unix.ECHO}, 54: {local, unix.ECHOE}, 55: {local, unix.ECHOK}, 56: {local, unix.ECHONL},
	57: {local, unix.NOFLSH}, 58: {local, unix.TOSTOP}, 59: {local, unix.IEXTEN},
	60: {local, unix.ECHOCTL}, 61: {local, unix.ECHOKE}, 62: {local, unix.PENDIN},
	70: {output, unix.OPOST}, 72: {output, unix.ONLCR}, 73: {output, unix.OCRNL}, 74: {output, unix.ONOCR}, 75: {output, unix.ONLRET},
	90: {control, unix.CS7}, 91: {control, unix.CS8}, 92: {control, unix.PARENB}, 93: {control, unix.PARODD},
}

// applyModes sets what the client asked for. Modes are pairs of a number and
// 32 bits; number 0, or one from 160 on, ends them.
func applyModes(tty *os.File, modes []byte) {
	fd := int(tty.Fd())
	term, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return
	}
	for len(modes) >= 5 && modes[0] != 0 && modes[0] < 160 {
		if m, known := modeSwitches[modes[0]]; known {
			field := m.field(term)
			*field &^= m.bit
			if binary.BigEndian.Uint32(modes[1:]) != 0 {
				*field |= m.bit
			}
		}
		modes = modes[5:]
	}
	_ = unix.IoctlSetTermios(fd, setTermios, term)
}

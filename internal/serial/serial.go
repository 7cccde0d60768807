// Package serial opens serial lines and file descriptors as streams that can
// be waited on.
//
// Rules: a line is raw, so that every byte arrives as it was sent; a file is
// opened without becoming this process's terminal, and can be polled.
package serial

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

// Options are the setting of a line. The zero value of each is the first of
// its choices.
type Options struct {
	Baud   int    // 9600
	Bits   int    // 8, 7, 6, 5
	Parity string // none, even, odd
	Stop   int    // 1, 2
	Flow   string // none, hardware, software
}

// Open opens a serial line.
func Open(path string, o Options) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fault.OS(err, "cannot open the serial line %s", path)
	}
	if err := set(fd, o); err != nil {
		_ = unix.Close(fd)
		if e, ok := err.(*fault.Error); ok {
			return nil, e
		}
		return nil, fault.OS(err, "%s is no serial line", path)
	}
	return os.NewFile(uintptr(fd), path), nil
}

func set(fd int, o Options) error {
	t, err := unix.IoctlGetTermios(fd, getModes)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag, t.Cflag = 0, 0, 0, unix.CREAD|unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := o.character(t); err != nil {
		return err
	}
	switch o.Flow {
	case "hardware":
		t.Cflag |= unix.CRTSCTS
	case "software":
		t.Iflag |= unix.IXON | unix.IXOFF
	}
	if o.Baud == 0 {
		o.Baud = 9600
	}
	if !setSpeed(t, o.Baud) {
		return fault.New(fault.Usage, "a serial line has no speed %d", o.Baud).WithHint("9600, 19200, 38400, 57600, 115200 are common")
	}
	return unix.IoctlSetTermios(fd, setModes, t)
}

// character sets bits, parity and stop bits.
func (o Options) character(t *unix.Termios) error {
	switch o.Bits {
	case 0, 8:
		t.Cflag |= unix.CS8
	case 7:
		t.Cflag |= unix.CS7
	case 6:
		t.Cflag |= unix.CS6
	case 5:
		t.Cflag |= unix.CS5
	default:
		return fault.New(fault.Usage, "a character has 5 to 8 bits, not %d", o.Bits)
	}
	switch o.Parity {
	case "even":
		t.Cflag |= unix.PARENB
	case "odd":
		t.Cflag |= unix.PARENB | unix.PARODD
	}
	if o.Stop == 2 {
		t.Cflag |= unix.CSTOPB
	} else if o.Stop > 2 || o.Stop < 0 {
		return fault.New(fault.Usage, "there are 1 or 2 stop bits, not %d", o.Stop)
	}
	return nil
}

// Descriptor makes a stream of a file descriptor that this process has.
func Descriptor(number int) (*os.File, error) {
	fd, err := unix.FcntlInt(uintptr(number), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fault.OS(err, "there is no file descriptor %d", number)
	}
	_ = unix.Close(number)
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, fault.OS(err, "file descriptor %d cannot be waited on", number)
	}
	return os.NewFile(uintptr(fd), "descriptor "+strconv.Itoa(number)), nil
}

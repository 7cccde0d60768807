package ptyproc

import (
	"os"
	"strings"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gofab/internal/fault"
)

// Terminal is a program on a terminal of its own.
type Terminal struct{ *Process }

// lineLimit is what a terminal keeps of a line before its end (N_TTY_BUF_SIZE
// on Linux); the rest is lost.
const lineLimit = 4095

func (p *Process) startTerminal(o Options) error {
	blocking, slave, err := pty.Open()
	if err != nil {
		return err
	}
	p.theirs = []*os.File{slave, blocking}
	if p.out, err = pollable(blocking); err != nil {
		return err
	}
	p.in = p.out
	rows, cols := o.Rows, o.Cols
	if rows <= 0 || cols <= 0 {
		rows, cols = 24, 80
	}
	t := &Terminal{p}
	if err := t.Resize(rows, cols); err != nil {
		return err
	}
	if err := t.SetEcho(o.Echo); err != nil {
		return err
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return p.cmd.Start()
}

// pollable gives a second file for a terminal that is not in blocking mode: its
// reads end when it is closed, and its writes can have a deadline.
func pollable(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// control calls f with the descriptor, and leaves the file pollable.
func (t *Terminal) control(f func(fd int) error) error {
	raw, err := t.out.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// Resize tells the terminal and its program the new size.
func (t *Terminal) Resize(rows, cols int) error {
	if rows < 1 || cols < 1 || rows > 0xffff || cols > 0xffff {
		return fault.New(fault.Usage, "a terminal cannot have %d rows and %d columns", rows, cols)
	}
	size := &unix.Winsize{Row: uint16(rows), Col: uint16(cols)}
	return t.control(func(fd int) error { return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size) })
}

// Size gives the size.
func (t *Terminal) Size() (rows, cols int, err error) {
	err = t.control(func(fd int) error {
		size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
		if err == nil {
			rows, cols = int(size.Row), int(size.Col)
		}
		return err
	})
	return rows, cols, err
}

func (t *Terminal) modes() (*unix.Termios, error) {
	var modes *unix.Termios
	err := t.control(func(fd int) (err error) {
		modes, err = unix.IoctlGetTermios(fd, getModes)
		return err
	})
	return modes, err
}

// Echo tells whether the terminal shows what is typed.
func (t *Terminal) Echo() (bool, error) {
	modes, err := t.modes()
	return err == nil && modes.Lflag&unix.ECHO != 0, err
}

// SetEcho switches that.
func (t *Terminal) SetEcho(on bool) error {
	return t.control(func(fd int) error {
		modes, err := unix.IoctlGetTermios(fd, getModes)
		if err != nil {
			return err
		}
		modes.Lflag &^= unix.ECHO
		if on {
			modes.Lflag |= unix.ECHO
		}
		return unix.IoctlSetTermios(fd, setModes, modes)
	})
}

// LineLimit is the longest line that gets through, 0 when the program reads
// without lines.
func (t *Terminal) LineLimit() int {
	if modes, err := t.modes(); err != nil || modes.Lflag&unix.ICANON == 0 {
		return 0
	}
	return lineLimit
}

// Control gives the character for the end of a file or an interrupt.
func (t *Terminal) Control(name string) (byte, error) {
	modes, err := t.modes()
	if err != nil {
		return 0, err
	}
	if name == "eof" {
		return modes.Cc[unix.VEOF], nil
	}
	return modes.Cc[unix.VINTR], nil
}

// Signal reaches the group in the foreground too, which job control made a
// group of its own.
func (t *Terminal) Signal(name string) error {
	number := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	if group := t.foreground(); group > 0 && number != 0 {
		_ = syscall.Kill(-group, number)
	}
	return t.Process.Signal(name)
}

// foreground is the group in the foreground when it is not the program's own,
// 0 otherwise.
func (t *Terminal) foreground() (group int) {
	_ = t.control(func(fd int) (err error) {
		group, err = unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		return err
	})
	if group == t.Pid() || t.late.Load() {
		return 0
	}
	return group
}

// Close hangs up.
func (t *Terminal) Close() error {
	t.end(t.foreground())
	return nil
}

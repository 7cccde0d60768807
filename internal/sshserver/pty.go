package sshserver

import (
	"os"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// ptyRequest is the payload of pty-req (RFC 4254, section 6.2).
type ptyRequest struct {
	Term  string
	Size  windowSize
	Modes []byte
}

// windowSize is a terminal's size in characters and pixels.
type windowSize struct{ Columns, Rows, Width, Height uint32 }

func (ses *session) wantPTY(payload []byte) bool {
	var req struct {
		Term                         string
		Columns, Rows, Width, Height uint32
		Modes                        string
	}
	if ses.program != nil || ssh.Unmarshal(payload, &req) != nil {
		return false
	}
	size := windowSize{req.Columns, req.Rows, req.Width, req.Height}
	ses.pty = &ptyRequest{Term: req.Term, Size: size, Modes: []byte(req.Modes)}
	return true
}

func (ses *session) resize(payload []byte) bool {
	var size windowSize
	if ssh.Unmarshal(payload, &size) != nil || ses.pty == nil {
		return false
	}
	ses.pty.Size = size
	if ses.program != nil {
		ses.program.resize(size)
	}
	return true
}

func (p *process) resize(size windowSize) {
	if p.pty != nil {
		setSize(p.pty, size)
	}
}

// setSize tells a terminal its size. It takes the descriptor in a way that
// leaves the file out of blocking mode, unlike os.File.Fd.
func setSize(terminal *os.File, w windowSize) {
	raw, err := terminal.SyscallConn()
	if err != nil {
		return
	}
	size := &unix.Winsize{Col: uint16(w.Columns), Row: uint16(w.Rows), Xpixel: uint16(w.Width), Ypixel: uint16(w.Height)}
	_ = raw.Control(func(fd uintptr) { _ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, size) })
}

// startPTY starts the process as leader of a session on a new terminal.
func (p *process) startPTY(req *ptyRequest) error {
	blocking, slave, err := pty.Open()
	if err != nil {
		return err
	}
	defer closeAll([]*os.File{blocking, slave})
	if p.pty, err = pollable(blocking); err != nil {
		return err
	}
	p.files = []*os.File{p.pty}
	setSize(p.pty, req.Size)
	applyModes(slave, req.Modes)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		closeAll(p.files)
		return err
	}
	return nil
}

// pollable gives a second file for a terminal, one whose reads end when it is
// closed: those of a file in blocking mode go on, and a process that fled from
// its group could then hold up Close for ever.
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

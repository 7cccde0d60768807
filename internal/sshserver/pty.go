package sshserver

import (
	"os"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/crypto/ssh"
)

// ptyRequest is the payload of pty-req (RFC 4254, section 6.2).
type ptyRequest struct {
	Term  string
	Size  windowSize
	Modes []byte
}

// windowSize is a terminal's size in characters and pixels.
type windowSize struct{ Columns, Rows, Width, Height uint32 }

func (w windowSize) pty() *pty.Winsize {
	return &pty.Winsize{Cols: uint16(w.Columns), Rows: uint16(w.Rows), X: uint16(w.Width), Y: uint16(w.Height)}
}

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
		_ = pty.Setsize(p.pty, size.pty())
	}
}

// startPTY starts the process as leader of a session on a new terminal.
func (p *process) startPTY(req *ptyRequest) error {
	master, slave, err := pty.Open()
	if err != nil {
		return err
	}
	defer slave.Close()
	p.pty, p.files = master, []*os.File{master}
	_ = pty.Setsize(master, req.Size.pty())
	applyModes(slave, req.Modes)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		_ = master.Close()
		return err
	}
	return nil
}

package sshclient

import (
	"encoding/binary"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
)

// signals are the numbers of the names in RFC 4254, section 6.10, which are the
// same on Linux and macOS but for USR1 and USR2; Linux counts here.
var signals = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9,
	"USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
}

// listen reads the requests about a session until its channel is gone. The
// first word about the end of the command counts.
func (p *Process) listen(requests <-chan *ssh.Request) {
	defer p.release()
	defer close(p.closed)
	told := false
	for r := range requests {
		p.client.guard(func() {
			exit, ok := parseExit(r.Type, r.Payload)
			if ok && !told {
				told = true
				p.status <- exit
			}
			if r.WantReply {
				_ = r.Reply(false, nil)
			}
		})
	}
}

// parseExit reads exit-status and exit-signal (RFC 4254, section 6.10). A
// status of the wrong size is none.
func parseExit(kind string, payload []byte) (command.Exit, bool) {
	switch kind {
	case "exit-status":
		if len(payload) != 4 {
			return command.Exit{}, false
		}
		return command.Exit{Code: int(binary.BigEndian.Uint32(payload))}, true
	case "exit-signal":
		var m struct {
			Name     string
			Core     bool
			Message  string
			Language string
		}
		if ssh.Unmarshal(payload, &m) != nil || !isSignalName(m.Name) {
			return command.Exit{}, false
		}
		return command.Exit{Code: 128 + signals[m.Name], Signal: m.Name}, true
	default:
		return command.Exit{}, false
	}
}

// isSignalName keeps remote text that is no name out of results. Names of one
// system have its domain behind an @.
func isSignalName(name string) bool {
	for _, r := range name {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		case r == '@', r == '.', r == '-', r == '+':
		default:
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// ptyRequest is the payload of RFC 4254, section 6.2, without any modes.
func ptyRequest(pty *command.PTY) any {
	term, rows, cols := pty.Term, pty.Rows, pty.Cols
	if term == "" {
		term = "xterm-256color"
	}
	if rows <= 0 || cols <= 0 {
		rows, cols = 24, 80
	}
	return struct {
		Term                      string
		Cols, Rows, Width, Height uint32
		Modes                     string
	}{term, uint32(cols), uint32(rows), 0, 0, "\x00"}
}

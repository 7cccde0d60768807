package sshserver

import (
	"errors"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// groups remembers the process groups whose leader has ended while others of
// them still run: what a command left in the background.
type groups struct {
	mu   sync.Mutex
	left map[int]bool
}

// leave notes a group whose leader was just reaped, if any of it still runs,
// and forgets the groups that have ended since.
func (g *groups) leave(pgid int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for old := range g.left {
		if !runs(old) {
			delete(g.left, old)
		}
	}
	if runs(pgid) {
		if g.left == nil {
			g.left = map[int]bool{}
		}
		g.left[pgid] = true
	}
}

func (g *groups) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for pgid := range g.left {
		if runs(pgid) {
			_ = syscall.Kill(-pgid, syscall.SIGKILL)
		}
	}
	clear(g.left)
}

// runs tells whether a group without its leader has members. A live process
// with the group's number is not ours: the kernel gives a number out again
// only when the group that had it is empty.
func runs(pgid int) bool {
	return syscall.Kill(-pgid, 0) == nil && errors.Is(syscall.Kill(pgid, 0), syscall.ESRCH)
}

// signalNumbers are the signals that RFC 4254, section 6.10, can name.
var signalNumbers = map[string]syscall.Signal{
	"ABRT": syscall.SIGABRT, "ALRM": syscall.SIGALRM, "FPE": syscall.SIGFPE, "HUP": syscall.SIGHUP,
	"ILL": syscall.SIGILL, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "PIPE": syscall.SIGPIPE,
	"QUIT": syscall.SIGQUIT, "SEGV": syscall.SIGSEGV, "TERM": syscall.SIGTERM,
	"USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2,
}

func signalName(sig syscall.Signal) string {
	return strings.TrimPrefix(unix.SignalName(sig), "SIG")
}

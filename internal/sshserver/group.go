package sshserver

import (
	"errors"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// family is all that one command started: its process group or, with job
// control on a terminal, the groups of its session. It is named by the process
// id of its leader.
type family struct {
	leader  int
	session bool
}

func (f family) kill(sig syscall.Signal) {
	_ = syscall.Kill(-f.leader, sig)
	killed := map[int]bool{}
	for grown := f.session; grown; { // until no member has started another meanwhile
		grown = false
		for _, pid := range sessionMembers(f.leader) {
			if !killed[pid] {
				_ = syscall.Kill(pid, sig)
				killed[pid], grown = true, true
			}
		}
	}
}

// orphaned tells whether a family whose leader was reaped has members. A live
// process with the leader's number is a stranger: the kernel gives a number
// out again only when no group and no session goes by it.
func (f family) orphaned() bool {
	if !errors.Is(syscall.Kill(f.leader, 0), syscall.ESRCH) {
		return false
	}
	return syscall.Kill(-f.leader, 0) == nil || f.session && len(sessionMembers(f.leader)) > 0
}

// orphans remembers what commands left in the background.
type orphans struct {
	mu       sync.Mutex
	families map[family]bool
}

// leave notes a family whose leader was just reaped, if any of it still runs,
// and forgets those that have ended since.
func (o *orphans) leave(f family) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for old := range o.families {
		if !old.orphaned() {
			delete(o.families, old)
		}
	}
	if !f.orphaned() {
		return
	}
	if o.families == nil {
		o.families = map[family]bool{}
	}
	o.families[f] = true
}

func (o *orphans) kill() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for f := range o.families {
		if f.orphaned() {
			f.kill(syscall.SIGKILL)
		}
	}
	clear(o.families)
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

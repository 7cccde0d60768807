package command

import (
	"errors"
	"syscall"
	"time"
)

// end tells a process group to end and waits a moment for it. One that takes
// longer is left to a goroutine that sees to its end within the grace.
//
// The end of standard input goes with it: below sudo only the watcher of
// package shell may kill, and that is what it waits for.
func (l *Local) end(p *process, drained <-chan struct{}) {
	group := p.cmd.Process.Pid
	_ = syscall.Kill(-group, syscall.SIGTERM)
	if p.stdin != nil && len(p.outputs) > 0 && p.outputs[0].from != p.stdin {
		_ = p.stdin.Close()
	}
	if gone(group, patience) {
		p.settle(drained, leftovers)
		return
	}
	for _, o := range p.outputs {
		o.mute()
	}
	l.track(group, true)
	l.ending.Go(func() {
		defer l.track(group, false)
		if !gone(group, grace-patience) {
			_ = syscall.Kill(-group, syscall.SIGKILL)
		}
		p.settle(drained, grace)
	})
}

// settle reads what the dead have left in the pipes and closes those. Some
// never end: a child in a session of its own may keep a pipe, and a command
// below sudo may be out of our reach.
func (p *process) settle(drained <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-drained:
	case <-timer.C:
	}
	for _, o := range p.outputs {
		o.mute()
	}
	p.close()
}

// gone waits until no process is left in a group. There is nothing to be told
// by, since most members are not our children.
func gone(group int, limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	for wait := time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		if err := syscall.Kill(-group, 0); errors.Is(err, syscall.ESRCH) {
			return true
		}
		if time.Now().Add(wait).After(deadline) {
			return false
		}
		time.Sleep(wait)
	}
}

func (l *Local) track(group int, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.groups == nil {
		l.groups = map[int]bool{}
	}
	if on {
		l.groups[group] = true
	} else {
		delete(l.groups, group)
	}
}

// Close kills what is still in its grace and waits for it.
func (l *Local) Close() error {
	l.mu.Lock()
	for group := range l.groups {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	l.mu.Unlock()
	l.ending.Wait()
	return nil
}

package command

import (
	"errors"
	"syscall"
	"time"
)

// end tells a process group to end. Exec waits a moment for the command
// itself; what is left of the group has its grace in a goroutine.
//
// The end of standard input goes with it: below sudo only the watcher of
// package shell may kill, and that is what it waits for.
func (l *Local) end(p *process, drained <-chan struct{}) {
	group := p.cmd.Process.Pid
	_ = syscall.Kill(-group, syscall.SIGTERM)
	if p.stdin != nil && !p.terminal() {
		_ = p.stdin.Close()
	}
	if p.settle(drained, patience) && gone(group) {
		return
	}
	for _, o := range p.outputs {
		o.mute()
	}
	l.ending.Go(func() { l.finish(p, drained) })
}

// finish kills what is left of a group at the end of the grace. Close shortens
// that to the end of the command itself, so that a run that was interrupted
// need not wait for watchers.
func (l *Local) finish(p *process, drained <-chan struct{}) {
	group := p.cmd.Process.Pid
	over := time.NewTimer(grace - patience)
	defer over.Stop()
	left := true
	select {
	case <-drained:
		left = await(group, over.C, l.closing())
	case <-over.C:
	}
	if left {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	p.settle(drained, patience)
	p.close()
}

// settle gives the command time to end and to hand over its last output. Some
// never do: a child in a session of its own may keep a pipe, and a command
// below sudo may be out of our reach.
func (p *process) settle(drained <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-drained:
		p.close()
		return true
	case <-timer.C:
		return false
	}
}

// await polls for the end of a group and tells whether some of it is left.
// There is nothing to be told by, since most members are not our children; and
// a number that nobody has any more must not be killed later on.
func await(group int, over <-chan time.Time, closed <-chan struct{}) (left bool) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !gone(group) {
		select {
		case <-tick.C:
		case <-over:
			return true
		case <-closed:
			return true
		}
	}
	return false
}

func gone(group int) bool {
	return errors.Is(syscall.Kill(-group, 0), syscall.ESRCH)
}

func (l *Local) closing() chan struct{} {
	l.once.Do(func() { l.closed = make(chan struct{}) })
	return l.closed
}

// Close waits for the commands that are ending, kills what they have left
// behind in their process groups, and returns within the grace of 2 s.
func (l *Local) Close() error {
	l.shut.Do(func() { close(l.closing()) })
	l.ending.Wait()
	return nil
}

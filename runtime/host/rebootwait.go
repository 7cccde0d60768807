package host

import (
	"context"
	"sync"
	"time"

	"gofab/internal/fault"
	"gofab/runtime/transport"
)

// goDown gives the order and waits until the connection is gone. The link is
// looked at all the time: a machine that is switched off says no goodbye.
func (r *rebooter) goDown(conn transport.Conn, old boot) error {
	ctx, cancel := context.WithCancel(r.limit)
	var order sync.WaitGroup
	defer order.Wait()
	defer cancel()
	ordered := make(chan error, 1)
	order.Go(func() { ordered <- r.order(ctx, conn, old.root) })
	for {
		select {
		case err := <-ordered:
			if err != nil {
				return err
			}
		case <-conn.Done():
			return nil
		case <-r.limit.Done():
			return fault.New(fault.Timeout, "still up %s after the reboot was ordered", r.args.Timeout).
				WithHint("does the command reboot? what holds a shutdown up: systemd-inhibit --list, systemctl list-jobs")
		case <-time.After(r.pause):
			if r.silent(conn) {
				return nil
			}
		}
	}
}

// silent tells whether the host does not answer over a connection any more.
func (r *rebooter) silent(conn transport.Conn) bool {
	_, err := r.look(conn, ":")
	kind := fault.KindOf(err)
	return (kind == fault.Lost || kind == fault.Timeout) && r.limit.Err() == nil
}

// comeBack connects again and again, until another boot answers.
func (r *rebooter) comeBack(old boot, down time.Duration) error {
	err := r.until(func() error {
		conn, err := r.h.conn(r.limit)
		if err != nil {
			return err
		}
		if err = r.another(conn, old); err != nil {
			_ = conn.Close()
		}
		return err
	})
	if err == nil || r.limit.Err() == nil {
		return err
	}
	return fault.New(fault.Timeout, "gone after %s and not back within %s: %s",
		down.Round(time.Second), r.args.Timeout, fault.From(err).Text()).
		WithHint("look at its console; a slow boot needs a higher timeout")
}

// another checks that the host runs another boot.
func (r *rebooter) another(conn transport.Conn, old boot) error {
	now, err := r.boot(conn)
	if err == nil && now.id == old.id {
		return fault.New(fault.Failed, "it answers, but has not rebooted")
	}
	return err
}

// hopeless tells whether trying again can change nothing. A login may be
// refused for a while after a boot (pam_nologin), a host key is as it is.
func hopeless(err error) bool {
	switch fault.KindOf(err) {
	case fault.HostKey, fault.Usage, fault.Unsupported, fault.Parse, fault.Cancelled:
		return true
	default:
		return false
	}
}

// check waits until the check of the caller succeeds.
func (r *rebooter) check() error {
	if r.args.Check == "" {
		return nil
	}
	err := r.until(func() error {
		conn, err := r.h.conn(r.limit)
		if err == nil {
			_, err = r.output(r.limit, conn, r.args.Check)
		}
		return err
	})
	if err == nil || r.limit.Err() == nil {
		return err
	}
	return fault.New(fault.Timeout, "back, but its check did not succeed within %s: %s", r.args.Timeout, fault.From(err).Text())
}

// until does something again and again until it succeeds or is hopeless, or
// until the limit; then the error is what failed last for a reason of its own.
func (r *rebooter) until(do func() error) error {
	last := error(fault.New(fault.Unreachable, "no answer"))
	for {
		err := do()
		switch {
		case err == nil:
			return nil
		case r.limit.Err() != nil:
			return last
		case hopeless(err):
			return err
		}
		last = err
		select {
		case <-time.After(r.pause):
		case <-r.limit.Done():
			return last
		}
	}
}

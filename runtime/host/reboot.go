package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// h:reboot restarts a host and waits until it works again.
//
// Rules: the host is back only when it runs another boot than before; an
// answer that comes too early, from an sshd that was not stopped yet, never
// counts. The login and the host key are checked as always. A command that was
// refused raises at once, whatever else happens ends at the limit with the
// reason that was seen last.

type rebootArgs struct {
	Timeout time.Duration `lua:"timeout" default:"10m" doc:"Limit for going down, coming back and the check together."`
	Command string        `lua:"command" default:"" doc:"Line that reboots, run as root. Empty is shutdown -r now, or reboot where there is no shutdown."`
	Check   string        `lua:"check" default:"" doc:"Line that must succeed after the boot, e.g. systemctl is-system-running --wait. It is tried again until the limit."`
}

// Reboot is what h:reboot gives.
type Reboot struct {
	Duration time.Duration `lua:"duration" doc:"How long it took altogether."`
	Down     time.Duration `lua:"down" doc:"How long it took until the host was gone."`
	Up       time.Duration `lua:"up" doc:"How long the host was gone."`
}

const (
	// restart is the command where none is given. The folders are where a
	// login without a profile may not look.
	restart = `PATH=$PATH:/sbin:/usr/sbin; if command -v shutdown >/dev/null; then exec shutdown -r now; else exec reboot; fi`
	// bootID prints what differs between two boots: Linux, macOS, FreeBSD and
	// the rest.
	bootID = `cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid 2>/dev/null || ` +
		`sysctl -n kern.boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null || who -b`
)

func reboot(c *kit.Call, h *Handle, a rebootArgs) (Reboot, error) {
	r := &rebooter{h: h, args: a, bootID: bootID, pause: time.Second, patience: 10 * time.Second}
	return r.run(c.Context)
}

// rebooter is one reboot.
type rebooter struct {
	h        *Handle
	args     rebootArgs
	bootID   string        // line that names the running boot
	pause    time.Duration // between two looks at the host
	patience time.Duration // for the answer to one look
	limit    context.Context
	began    time.Time
}

func (r *rebooter) run(ctx context.Context) (Reboot, error) {
	if r.h.Transport == inventory.Local {
		return Reboot{}, fault.New(fault.Usage, "this machine is not rebooted from within a run")
	}
	if r.h.scope.Dry {
		r.h.would("reboot and wait for it")
		return Reboot{}, nil
	}
	if r.args.Timeout <= 0 {
		return Reboot{}, fault.New(fault.Usage, "a reboot needs a timeout above 0")
	}
	var cancel context.CancelFunc
	r.limit, cancel = context.WithTimeout(ctx, r.args.Timeout)
	defer cancel()
	r.began = time.Now()
	conn, err := r.h.conn(r.limit)
	if err != nil {
		return Reboot{}, r.h.named(err)
	}
	result, err := r.reboot(conn)
	result.Duration = time.Since(r.began)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return result, r.h.named(err)
}

// reboot has three parts: going down, coming back, the check. A host of the
// sandbox is this machine, so its server restarts instead.
func (r *rebooter) reboot(conn transport.Conn) (result Reboot, err error) {
	if embedded, ok := conn.(transport.Restarter); ok {
		if err := embedded.Restart(); err != nil {
			return result, err
		}
		result.Down = time.Since(r.began)
		_ = conn.Close()
		if _, err := r.h.conn(r.limit); err != nil {
			return result, err
		}
		result.Up = time.Since(r.began) - result.Down
		return result, r.check()
	}
	old, err := r.boot(conn)
	if err != nil {
		return result, err
	}
	if err := r.goDown(conn, old); err != nil {
		return result, err
	}
	result.Down = time.Since(r.began)
	r.tell("is gone after %s", result.Down)
	_ = conn.Close() // the pool opens another one
	if err := r.comeBack(old, result.Down); err != nil {
		return result, err
	}
	result.Up = time.Since(r.began) - result.Down
	r.tell("is back after %s", result.Up)
	return result, r.check()
}

func (r *rebooter) tell(format string, after time.Duration) {
	text := fmt.Sprintf("reboot: the host "+format, after.Round(time.Millisecond))
	r.h.services.Events.Emit(event.Log{Level: event.Info, Host: r.h.shown(), Text: text})
}

// boot is a boot of the host, and whether the login is root's.
type boot struct {
	id   string
	root bool
}

func (r *rebooter) boot(conn transport.Conn) (boot, error) {
	text, err := r.look(conn, "id -u; "+r.bootID)
	if err != nil {
		return boot{}, err
	}
	uid, id, _ := strings.Cut(text, "\n")
	if id = strings.TrimSpace(id); id == "" {
		return boot{}, fault.New(fault.Unsupported, "the boots of this host cannot be told apart").
			WithHint("it has neither boot_id, nor sysctl, nor who -b; reboot it with h:run and wait in your own way")
	}
	return boot{id, uid == "0"}, nil
}

// look runs a line that answers at once, as the login user.
func (r *rebooter) look(conn transport.Conn, line string) (string, error) {
	ctx, cancel := context.WithTimeout(r.limit, r.patience)
	defer cancel()
	return r.output(ctx, conn, line)
}

func (r *rebooter) output(ctx context.Context, conn transport.Conn, line string) (string, error) {
	result, err := command.Run(ctx, conn, command.Request{Host: r.h.Name, Line: line, Options: command.Defaults()}, command.Deps{})
	return result.Stdout, err
}

// order runs the command that reboots. That it is killed, or that its end is
// never heard of, is in its nature.
func (r *rebooter) order(ctx context.Context, conn transport.Conn, root bool) error {
	o := command.Defaults()
	if !root {
		o.Sudo, o.Become, o.Password = true, r.h.scope.Become, r.h.scope.Password
	}
	line := r.args.Command
	if line == "" {
		line = restart
	}
	result, err := command.Run(ctx, conn, command.Request{Host: r.h.Name, Line: line, Options: o}, r.h.services.Commands)
	var failure *fault.Error
	switch {
	case !errors.As(err, &failure), failure.Kind == fault.Lost, failure.Kind == fault.Exit && result.Code >= 128:
		return nil
	default:
		return failure
	}
}

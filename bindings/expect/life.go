package expect

import (
	"context"
	"errors"
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

func life() []kit.Func {
	return []kit.Func{
		kit.Method("alive", "Tell whether the program still runs. One whose output has ended gets a second to be gone.", alive).With(
			`local p = expect.spawn("exit 3")
p:expect(expect.EOF)
assert(not p:alive())`),
		kit.Method("wait", "Wait for the end of the program. Gives a table with code, or with signal when a signal ended it, and ok. "+
			"It may be called again, and output that nobody reads does not hold the program up.", wait).With(
			`local p = expect.spawn("exit 3")
local r = p:wait()
assert(r.code == 3 and not r.ok and r.signal == nil)
assert(p:wait().code == 3)`),
		kit.Method("signal", "Send a signal to the program and what it runs. OpenSSH passes none on where the login is root's; that raises.", signal),
		kit.Method("terminate", "Ask the program to end with HUP, CONT and INT, a moment after each; with force, KILL it in the end. Where no signal arrives it presses Ctrl-C, and with force it closes the dialogue. Tells whether it has ended.", terminate).With(
			`local p = expect.spawn("trap '' HUP INT; echo ready; while :; do sleep 1; done")
p:expect("ready")
assert(not p:terminate())
assert(p:terminate{ force = true })
assert(p:wait().signal == "KILL")`),
		kit.Method("close", "End the dialogue, and the program with it. It may be called again.", closeDialogue),
		kit.Method("log", "Write what is said from now on to files, with secrets as stars.", log).With(
			`local p = expect.spawn("cat")
p:log{ sent = "sent.log" }
p:line("hello")
p:close()
assert(fs.read("sent.log") == "hello\n")`),
	}
}

// leaving is the patience with a program whose output has ended: it is seen to
// be gone a moment later.
const leaving = time.Second

func alive(c *kit.Call, p *engine.Process, _ noArgs) (bool, error) {
	if program, err := programOf(p); err == nil && p.OutputEnded() {
		gone(c.Context, program, leaving)
	}
	return p.Alive(), c.Context.Err()
}

func wait(c *kit.Call, p *engine.Process, a waiting) (map[string]any, error) {
	ctx, stop := context.WithCancel(c.Context)
	defer stop()
	if a.Timeout != nil {
		ctx, stop = context.WithTimeout(c.Context, *a.Timeout)
		defer stop()
	}
	exit, err := p.Wait(ctx)
	if err != nil && ctx.Err() != nil && c.Context.Err() == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fault.New(fault.Timeout, "%s still runs after %s", p, *a.Timeout)
	}
	return exitTable(exit), err
}

// exitTable has a code or a signal, never both.
func exitTable(e engine.Exit) map[string]any {
	t := map[string]any{"ok": e.Code == 0 && e.Signal == ""}
	if e.Signal != "" {
		t["signal"] = e.Signal
	} else {
		t["code"] = e.Code
	}
	return t
}

type signalArgs struct {
	Name string `lua:"name,arg1" doc:"Name without SIG, such as TERM."`
}

func signal(_ *kit.Call, p *engine.Process, a signalArgs) (kit.None, error) {
	program, err := programOf(p)
	if err != nil {
		return kit.None{}, err
	}
	return kit.None{}, program.Signal(a.Name)
}

func programOf(p *engine.Process) (engine.Program, error) {
	if program, ok := p.Stream().(engine.Program); ok {
		return program, nil
	}
	return nil, fault.New(fault.Unsupported, "%s is no program", p)
}

type terminateArgs struct {
	Force bool `lua:"force" default:"false" doc:"KILL the program when nothing else helps."`
}

// moment is what a program has to react to a signal.
const moment = 100 * time.Millisecond

func terminate(c *kit.Call, p *engine.Process, a terminateArgs) (bool, error) {
	program, err := programOf(p)
	if err != nil {
		return false, err
	}
	defer p.Drain()()
	names := []string{"HUP", "CONT", "INT"}
	if a.Force {
		names = append(names, "KILL")
	}
	for _, name := range names {
		if !p.Alive() {
			return true, nil
		}
		err := program.Signal(name)
		if fault.KindOf(err) == fault.Unsupported {
			return hangUp(c, p, program, a.Force)
		}
		if err != nil {
			return false, err
		}
		patience := moment
		if name == "KILL" {
			patience = 10 * time.Second
		}
		if gone(c.Context, program, patience) {
			return true, nil
		}
		if c.Context.Err() != nil {
			return false, c.Context.Err()
		}
	}
	return false, nil
}

// hangUp ends a program that signals do not reach: by Ctrl-C, and with force by
// closing its terminal.
func hangUp(c *kit.Call, p *engine.Process, program engine.Program, force bool) (bool, error) {
	if err := p.Interrupt(c.Context); err == nil && gone(c.Context, program, leaving) {
		return true, nil
	}
	if force {
		return true, p.Close()
	}
	return false, c.Context.Err()
}

func gone(ctx context.Context, program engine.Program, patience time.Duration) bool {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	_, err := program.Wait(ctx)
	return err == nil
}

func closeDialogue(_ *kit.Call, p *engine.Process, _ noArgs) (kit.None, error) {
	return kit.None{}, p.Close()
}

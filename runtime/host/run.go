package host

import (
	"context"
	"slices"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/runtime/event"
	"gofab/runtime/transport"
)

type runArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments, which need no quoting."`
	command.Options
}

func run(c *kit.Call, h *Handle, a runArgs) (command.Result, error) {
	return h.run(c.Context, a.Command, a.Options, false)
}

func sudo(c *kit.Call, h *Handle, a runArgs) (command.Result, error) {
	a.Sudo = true
	return h.run(c.Context, a.Command, a.Options, false)
}

// Command is one command that is about to run on one host, inside its scope.
type Command struct {
	Host    *Handle
	Words   command.Words
	Options command.Options
	Shown   string // what people see instead of Words; "" is those
	Group   bool   // part of a group, where the line is told once for all hosts
}

// Around is work around every command, such as the script's hooks. It calls
// run at most once; what it returns is what the command gave.
type Around func(ctx context.Context, c Command, run func(context.Context) (command.Result, error)) (command.Result, error)

// run runs one command inside the handle's scope, with everything that is
// around it.
func (h *Handle) run(ctx context.Context, words command.Words, o command.Options, group bool) (command.Result, error) {
	return h.runAs(ctx, "", words, o, group)
}

// runAs shows something else than the command itself.
func (h *Handle) runAs(ctx context.Context, shown string, words command.Words, o command.Options, group bool) (command.Result, error) {
	c := Command{Host: h, Words: words, Options: o, Shown: shown, Group: group}
	c.Options.Scope = h.scope.Inside(o.Scope)
	run := func(ctx context.Context) (command.Result, error) { return c.run(ctx) }
	for _, around := range slices.Backward(h.services.Around) {
		inner := run
		run = func(ctx context.Context) (command.Result, error) { return around(ctx, c, inner) }
	}
	return run(ctx)
}

// run runs the command and tells of it. A dry run needs no connection.
func (c Command) run(ctx context.Context) (result command.Result, err error) {
	var conn transport.Conn
	if !c.Options.Dry {
		if conn, err = c.Host.conn(ctx); err != nil {
			return command.Result{Code: -1, Host: c.Host.Name, Lines: []string{}}, err
		}
	}
	t := c.telling(ctx)
	began := time.Now()
	result, err = command.Run(ctx, conn, command.Request{
		Host: c.Host.Name, Text: c.Shown, Line: c.Words.Line, Args: c.Words.Args, Options: c.Options, OnStart: t.start, OnLine: t.line,
	}, c.Host.services.Commands)
	t.end(result, time.Since(began))
	return result, err
}

// telling makes events of one command.
type telling struct {
	Command
	ctx     context.Context
	id      uint64
	text    string
	started bool
}

func (c Command) telling(ctx context.Context) *telling {
	t := &telling{Command: c, ctx: ctx, id: c.Host.services.ids.Add(1), text: c.Shown}
	if t.text == "" {
		t.text = c.Words.Text()
	}
	return t
}

func (t *telling) emit(e event.Event) { t.Host.services.Events.EmitIn(t.ctx, e) }

// start tells of the first attempt alone.
func (t *telling) start(line string) {
	if t.started {
		return
	}
	t.started = true
	o := t.Options
	e := event.CommandStart{
		ID: t.id, Host: t.Host.shown(), Command: t.text, Cwd: o.Cwd, User: o.As(), Dry: o.Dry, Group: t.Group,
		Hidden: o.Hide.All() && !o.Echo,
	}
	if o.Dry || o.Echo {
		e.Sent, e.Group = line, false
	}
	t.emit(e)
}

func (t *telling) line(stream, line string) {
	t.emit(event.Output{ID: t.id, Host: t.Host.shown(), Stream: stream, Line: line})
}

func (t *telling) end(r command.Result, took time.Duration) {
	switch {
	case r.Dry:
		return
	case r.Skipped:
		if !t.Options.Hide.All() {
			t.emit(event.Log{Level: event.Info, Host: t.Host.shown(), Text: "not run, as its conditions say: " + t.text})
		}
		return
	}
	e := event.CommandEnd{
		ID: t.id, Host: t.Host.shown(), Command: t.text, OK: r.OK, Duration: event.Seconds(took),
		Attempts: r.Attempts, Group: t.Group, Hidden: t.Options.Hide.All(),
	}
	if r.Code >= 0 {
		e.Code = &r.Code
	}
	t.emit(e)
}

package host

import (
	"context"
	"slices"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/runtime/event"
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
	Group   bool // part of a group, where the line is told once for all hosts
}

// Around is work around every command, such as the script's hooks. It calls
// run at most once; what it returns is what the command gave.
type Around func(ctx context.Context, c Command, run func(context.Context) (command.Result, error)) (command.Result, error)

// run runs one command inside the handle's scope, with everything that is
// around it.
func (h *Handle) run(ctx context.Context, words command.Words, o command.Options, group bool) (command.Result, error) {
	c := Command{Host: h, Words: words, Options: h.scope.options(o), Group: group}
	run := func(ctx context.Context) (command.Result, error) { return c.run(ctx) }
	for _, around := range slices.Backward(h.services.Around) {
		inner := run
		run = func(ctx context.Context) (command.Result, error) { return around(ctx, c, inner) }
	}
	return run(ctx)
}

// run runs the command and tells of it.
func (c Command) run(ctx context.Context) (command.Result, error) {
	h, o, words := c.Host, c.Options, c.Words
	conn, err := h.conn(ctx)
	if err != nil {
		return command.Result{Code: -1, Host: h.Name}, err
	}
	s := h.services
	id := s.ids.Add(1)
	text := words.Text()
	s.Events.EmitIn(ctx, event.CommandStart{
		ID: id, Host: h.shown(), Command: text, Cwd: o.Cwd, User: asUser(o), Dry: o.Dry, Group: c.Group, Hidden: o.Hide,
	})
	began := time.Now()
	result, err := command.Run(ctx, conn, command.Request{
		Host: h.Name, Line: words.Line, Args: words.Args, Options: o,
		OnLine: func(stream, line string) {
			s.Events.EmitIn(ctx, event.Output{ID: id, Host: h.shown(), Stream: stream, Line: line, Hidden: o.Hide})
		},
	}, command.Deps{SudoPassword: s.SudoPassword})
	end := event.CommandEnd{
		ID: id, Host: h.shown(), Command: text, OK: result.OK, Duration: event.Seconds(time.Since(began)),
		Attempts: result.Attempts, Hidden: o.Hide,
	}
	if result.Code >= 0 {
		end.Code = &result.Code
	}
	s.Events.EmitIn(ctx, end)
	return result, err
}

func asUser(o command.Options) string {
	if o.User == "" && o.Sudo {
		return "root"
	}
	return o.User
}

package host

import (
	"context"
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

// run runs one command inside the handle's scope and tells of it. In a group
// the command line is told once for all hosts.
func (h *Handle) run(ctx context.Context, words command.Words, o command.Options, group bool) (command.Result, error) {
	o = h.scope.options(o)
	conn, err := h.conn(ctx)
	if err != nil {
		return command.Result{Code: -1, Host: h.Name}, err
	}
	s := h.services
	id := s.ids.Add(1)
	text := words.Text()
	s.Events.Emit(event.CommandStart{
		ID: id, Host: h.shown(), Command: text, Cwd: o.Cwd, User: asUser(o), Dry: o.Dry, Group: group, Hidden: o.Hide,
	})
	began := time.Now()
	result, err := command.Run(ctx, conn, command.Request{
		Host: h.Name, Line: words.Line, Args: words.Args, Options: o,
		OnLine: func(stream, line string) {
			s.Events.Emit(event.Output{ID: id, Host: h.shown(), Stream: stream, Line: line, Hidden: o.Hide})
		},
	}, command.Deps{SudoPassword: s.SudoPassword})
	end := event.CommandEnd{
		ID: id, Host: h.shown(), Command: text, OK: result.OK, Duration: event.Seconds(time.Since(began)),
		Attempts: result.Attempts, Hidden: o.Hide,
	}
	if result.Code >= 0 {
		end.Code = &result.Code
	}
	s.Events.Emit(end)
	return result, err
}

func asUser(o command.Options) string {
	if o.User == "" && o.Sudo {
		return "root"
	}
	return o.User
}

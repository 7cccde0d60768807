package kit

import (
	"time"

	"gofab/internal/command"
)

type localKey struct{}

// Local gives the run's executor of local commands. The end of the run ends
// what it started.
func (e *Env) Local() *command.Local {
	return SharedValue(e.Shared, localKey{}, func() *command.Local { return &command.Local{Env: e.World.Environ()} })
}

type commandsKey struct{}

// Commands is what the run lends to commands, wherever they run. It is filled
// in before the first line of Lua runs.
func (e *Env) Commands() *command.Deps {
	return SharedValue(e.Shared, commandsKey{}, func() *command.Deps { return &command.Deps{} })
}

// Run runs a command that no managed host is behind, and tells of it. Of the
// run's defaults only those hold that are not about users of hosts.
func (c *Call) Run(ex command.Executor, host string, words command.Words, o command.Options) (command.Result, error) {
	deps := *c.Commands()
	if deps.Defaults != nil {
		d := *deps.Defaults
		o.Scope = command.Scope{
			Check: d.Check, Warn: d.Warn, Hide: d.Hide, Echo: d.Echo, Dry: d.Dry, Timeout: d.Timeout, MaxOutput: d.MaxOutput,
		}.Inside(o.Scope)
	}
	text, began, started := words.Text(), time.Now(), false
	request := command.Request{
		Host: host, Line: words.Line, Args: words.Args, Options: o,
		OnLine: func(stream, line string) { c.Events.Line(host, stream, line) },
	}
	request.OnStart = func(line string) {
		if started || o.Hide.All() && !o.Echo {
			return
		}
		started = true
		if !o.Dry && !o.Echo {
			line = ""
		}
		c.Events.CommandStart(host, text, line, o.Dry)
	}
	result, err := command.Run(c.Context, ex, request, deps)
	if started && !o.Dry {
		c.Events.CommandEnd(host, text, result.Code, result.OK, time.Since(began), result.Attempts)
	}
	return result, err
}

package run

import (
	"context"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/interact"
	"gofab/runtime/event"
	"gofab/runtime/world"
)

// CommandOptions hold for every command of a run, where the script does not say
// otherwise.
type CommandOptions struct {
	Scope *command.Scope // nil is the defaults of h:run
}

// commands fills in what the run lends to its commands.
func (r *Run) commands() {
	deps := r.Env.Commands()
	deps.Defaults = r.options.Commands.Scope
	deps.BecomePassword = r.passwords.become
	deps.Window = window{r.options.World}
	deps.Console = r.console
	deps.Warn = func(err error) {
		e := fault.From(err)
		r.Events.Emit(event.Warning{Host: e.Host, Text: e.Text(), Hint: e.Hint})
	}
}

// console gives the operator's terminal to a command; nothing else is shown
// meanwhile.
func (r *Run) console(ctx context.Context) (interact.Console, func(), error) {
	release, err := r.Events.Hold(ctx)
	if err != nil {
		return nil, nil, err
	}
	console, err := r.options.World.Console()
	if err != nil {
		release()
		return nil, nil, err
	}
	return console, release, nil
}

// window is the operator's terminal as pseudo terminals see it.
type window struct{ world *world.World }

func (w window) Size() (rows, cols int, ok bool) {
	cols, rows, ok = w.world.Terminal()
	return rows, cols, ok && rows > 0 && cols > 0
}

func (w window) Changes(ctx context.Context) <-chan struct{} { return w.world.Resized(ctx) }

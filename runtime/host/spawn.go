package host

import (
	"gofab/bindings/kit"
	"gofab/internal/command"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
)

type spawnArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments."`
	engine.Held
	Rows int    `lua:"rows" default:"50" doc:"Rows of the terminal."`
	Cols int    `lua:"cols" default:"240" doc:"Columns of the terminal."`
	Term string `lua:"term" default:"dumb" doc:"Type of the terminal. With dumb, programs print plainly; full-screen programs want xterm."`
	Echo bool   `lua:"echo" default:"true" doc:"Whether the terminal shows what is sent."`
}

func spawn(c *kit.Call, h *Handle, a spawnArgs) (*engine.Process, error) {
	return h.talk(c, a.Command.Text(), a.Held, engine.Command{
		Line: a.Command.Line, Args: a.Command.Args, Rows: a.Rows, Cols: a.Cols, Term: a.Term, Echo: a.Echo,
	})
}

// talk begins a dialogue with a program on the host.
func (h *Handle) talk(c *kit.Call, name string, how engine.Held, command engine.Command) (*engine.Process, error) {
	if err := h.undry(name); err != nil {
		return nil, err
	}
	stream, err := h.Dialogue(c.Context, command)
	if err != nil {
		return nil, err
	}
	return c.Dialogues().Open(c.Context, stream, name, h.shown(), how, c.Path)
}

type shellArgs struct {
	engine.Held
	Prompt string         `lua:"prompt" default:"" doc:"Prompt of what is no POSIX shell, such as a switch: a regular expression, e.g. '[\\w-]+[>#] ?$'. The login shell of the host is used as it is then."`
	Pager  []engine.Pager `lua:"pager" default:"" doc:"Further questions of its pager, e.g. {{\"Press any key\", \" \"}}. The common ones are known."`
}

func openShell(c *kit.Call, h *Handle, a shellArgs) (*engine.Session, error) {
	repl := engine.PlainShell()
	if a.Prompt != "" {
		var err error
		if repl, err = engine.Device(a.Prompt, a.Pager); err != nil {
			return nil, err
		}
	}
	command := repl.Command
	command.Term, command.Rows, command.Cols = "dumb", 50, 240
	p, err := h.talk(c, "shell", a.Held, command)
	if err != nil {
		return nil, err
	}
	s, err := engine.NewSession(c.Context, p, repl)
	if err != nil {
		_ = p.Close()
		return nil, fault.From(err).WithHint("prompt = \"...\" describes the prompt of what is no POSIX shell")
	}
	return s, nil
}

package expect

import (
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/command"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/machine"
	"gofab/internal/ptyproc"
	"gofab/internal/shell"
)

// held is what every dialogue is held with.
type held = engine.Held

// placed is where and how a program is started.
type placed struct {
	On  machine.Machine   `lua:"on" default:"" doc:"Host to run it on; this machine when absent."`
	Cwd string            `lua:"cwd" default:"" doc:"Working directory."`
	Env map[string]string `lua:"env" default:"" doc:"Environment variables beside those that are there."`
}

type spawnArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments."`
	placed
	held
	Rows int    `lua:"rows" default:"50" doc:"Rows of the terminal."`
	Cols int    `lua:"cols" default:"240" doc:"Columns of the terminal; lines are wide, so that programs do not break them."`
	Term string `lua:"term" default:"dumb" doc:"Type of the terminal. With dumb, programs print plainly; full-screen programs want xterm."`
	Echo bool   `lua:"echo" default:"true" doc:"Whether the terminal shows what is sent, as it does for a person."`
}

func spawn(c *kit.Call, a spawnArgs) (*engine.Process, error) {
	return start(c, a.placed, a.held, engine.Command{
		Line: a.Command.Line, Args: a.Command.Args, Term: a.Term, Rows: a.Rows, Cols: a.Cols, Echo: a.Echo,
	})
}

type popenArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments."`
	placed
	held
}

func popen(c *kit.Call, a popenArgs) (*engine.Process, error) {
	return start(c, a.placed, a.held, engine.Command{Line: a.Command.Line, Args: a.Command.Args, Pipes: true})
}

// start runs a program and begins a dialogue with it.
func start(c *kit.Call, where placed, how held, command engine.Command) (*engine.Process, error) {
	command.Cwd, command.Env = where.Cwd, where.Env
	name, err := shell.Command{Line: command.Line, Args: command.Args}.Text()
	if err != nil {
		return nil, err
	}
	stream, host, err := startOn(c, where.On, command)
	if err != nil {
		return nil, err
	}
	return begin(c, stream, name, host, how)
}

func startOn(c *kit.Call, on machine.Machine, command engine.Command) (engine.Stream, string, error) {
	if on == nil {
		stream, err := local(c, command)
		return stream, "", err
	}
	place, ok := on.(engine.Starter)
	if !ok {
		return nil, "", fault.New(fault.Unsupported, "%s has no terminals", on.Label())
	}
	stream, err := place.Dialogue(c.Context, command)
	return stream, on.Label(), err
}

// local runs a program on this machine, in the run's environment.
func local(c *kit.Call, command engine.Command) (engine.Stream, error) {
	args := command.Args
	if args == nil {
		args = []string{shell.POSIX, "-c", command.Line}
	}
	env := slices.DeleteFunc(slices.Clone(c.World.Environ()), func(assignment string) bool {
		name, _, _ := strings.Cut(assignment, "=")
		_, replaced := command.Env[name]
		return replaced || name == "TERM" && command.Term != ""
	})
	if command.Term != "" && command.Env["TERM"] == "" {
		env = append(env, "TERM="+command.Term)
	}
	for name, value := range command.Env {
		env = append(env, name+"="+value)
	}
	dir := c.Path(command.Cwd)
	if dir == "" {
		dir = c.World.Dir()
	}
	return ptyproc.Start(ptyproc.Options{
		Args: args, Dir: dir, Env: env, Pipes: command.Pipes, Rows: command.Rows, Cols: command.Cols, Echo: command.Echo,
	})
}

// begin makes a dialogue of a stream. It ends with the task that began it.
func begin(c *kit.Call, stream engine.Stream, name, host string, how held) (*engine.Process, error) {
	return c.Dialogues().Open(c.Context, stream, name, host, how, c.Path)
}

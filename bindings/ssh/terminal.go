package ssh

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/command"
	engine "gofab/internal/expect"
	"gofab/internal/shell"
	"gofab/internal/sshtalk"
)

// terminal is what a program is started on.
type terminal struct {
	engine.Held
	Rows int    `lua:"rows" default:"50" doc:"Rows of the terminal."`
	Cols int    `lua:"cols" default:"240" doc:"Columns of the terminal."`
	Term string `lua:"term" default:"dumb" doc:"Type of the terminal. With dumb, programs print plainly; full-screen programs want xterm."`
}

type spawnArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the login shell, or a list of a program and its arguments."`
	terminal
	Cwd string            `lua:"cwd" default:"" doc:"Working directory."`
	Env map[string]string `lua:"env" default:"" doc:"Environment variables."`
}

func spawn(c *kit.Call, s *session, a spawnArgs) (*engine.Process, error) {
	line, err := shell.Compose(shell.Command{Line: a.Command.Line, Args: a.Command.Args, Cwd: a.Cwd, Env: a.Env})
	if err != nil {
		return nil, s.named(err)
	}
	return s.talk(c, line, a.Command.Text(), a.terminal)
}

type socketArgs struct {
	Server string `lua:"server,arg1" doc:"host:port that the host can reach, or the path of a Unix socket there."`
	engine.Held
}

func openSocket(c *kit.Call, s *session, a socketArgs) (*engine.Process, error) {
	dial := s.client.DialTCP
	if strings.Contains(a.Server, "/") {
		dial = s.client.DialUnix
	}
	conn, err := dial(c.Context, a.Server)
	if err != nil {
		return nil, s.named(err)
	}
	return s.hold(c, conn, a.Server, a.Held)
}

func openShell(c *kit.Call, s *session, a terminal) (*engine.Process, error) {
	return s.talk(c, "", "shell", a)
}

// talk begins a dialogue with a program; an empty line is the login shell.
func (s *session) talk(c *kit.Call, line, name string, on terminal) (*engine.Process, error) {
	stream, err := sshtalk.Start(c.Context, s.client, line, engine.Command{Term: on.Term, Rows: on.Rows, Cols: on.Cols, Echo: true})
	if err != nil {
		return nil, s.named(err)
	}
	return s.hold(c, stream, name, on.Held)
}

// hold begins a dialogue that ends with the session.
func (s *session) hold(c *kit.Call, stream engine.Stream, name string, how engine.Held) (*engine.Process, error) {
	p, err := c.Dialogues().Open(c.Context, stream, name, s.name, how, c.Path)
	if err != nil {
		return nil, err
	}
	s.own(func() { _ = p.Close() })
	return p, nil
}

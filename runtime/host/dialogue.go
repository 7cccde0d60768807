package host

import (
	"context"

	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/ptyproc"
	"gofab/internal/shell"
	"gofab/internal/sshtalk"
	"gofab/runtime/inventory"
)

// A handle is where dialogues can be held.
var _ engine.Starter = (*Handle)(nil)

// Dialogue starts a program inside the scope. Under sudo the terminal shows
// sudo's own question for the password.
func (h *Handle) Dialogue(ctx context.Context, c engine.Command) (engine.Stream, error) {
	line, err := h.line(c)
	if err != nil {
		return nil, h.named(err)
	}
	conn, err := h.conn(ctx)
	if err != nil {
		return nil, err
	}
	if remote, ok := conn.(sshtalk.Starter); ok {
		return sshtalk.Start(ctx, remote, line, c)
	}
	if h.Name != inventory.LocalName {
		return nil, h.named(fault.New(fault.Unsupported, "the way to this host has no terminals"))
	}
	if line == "" {
		line = "exec ${SHELL:-/bin/sh} -l"
	}
	if c.Term != "" {
		line = "TERM=" + c.Term + "; export TERM; " + line
	}
	local := ptyproc.Options{Args: []string{shell.POSIX, "-c", line}, Pipes: c.Pipes, Rows: c.Rows, Cols: c.Cols, Echo: c.Echo}
	return ptyproc.Start(local)
}

// line composes what the login shell gets; "" is the shell itself.
func (h *Handle) line(c engine.Command) (string, error) {
	scope := h.scope.Inside(Scope{Cwd: c.Cwd, Env: c.Env, Check: true})
	if c.Line == "" && len(c.Args) == 0 {
		return "", nil
	}
	prefix := scope.Prefix
	if !c.Echo && !c.Pipes {
		prefix = append([]string{"{ stty -echo 2>/dev/null; :; }"}, prefix...)
	}
	return shell.Compose(shell.Command{
		Line: c.Line, Args: c.Args, Cwd: scope.Cwd, Env: scope.Env, ReplaceEnv: scope.ReplaceEnv, Umask: scope.Umask, Prefix: prefix,
		Sudo: scope.Sudo, User: scope.User, Group: scope.Group, Become: scope.Become, Interactive: true,
	})
}

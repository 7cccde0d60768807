package expect

import (
	"context"

	"gofab/internal/shell"
)

// Command is a program to hold a dialogue with.
type Command struct {
	Line string   // for a shell; or:
	Args []string // a program and its arguments; neither is the login shell
	Cwd  string
	Env  map[string]string
	Term string
	Rows int
	Cols int
	Echo bool
	// Pipes runs it without a terminal.
	Pipes bool
}

// Starter is a place where programs run on terminals: a managed host.
type Starter interface {
	Dialogue(ctx context.Context, c Command) (Stream, error)
}

// Shell gives the line for a login shell; "" is the shell itself.
func (c Command) Shell() (string, error) {
	if c.Line == "" && len(c.Args) == 0 {
		return "", nil
	}
	return shell.Compose(shell.Command{Line: c.Line, Args: c.Args, Cwd: c.Cwd, Env: c.Env})
}

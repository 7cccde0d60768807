package transport

import (
	"context"

	"gofab/internal/command"
	"gofab/internal/transfer"
)

// local is this machine, reached without a network.
type local struct {
	*command.Local
	files transfer.FS
	done  chan struct{}
}

// NewLocal gives the way to this machine. Relative paths begin in dir.
func NewLocal(executor *command.Local, home, dir string) Conn {
	return &local{Local: executor, files: transfer.Local(home).In(dir), done: make(chan struct{})}
}

func (l *local) Files(context.Context) (transfer.FS, error) { return l.files, nil }

// Done never happens: this machine is there as long as we are.
func (l *local) Done() <-chan struct{} { return l.done }

// Close leaves the executor to the run.
func (l *local) Close() error { return nil }

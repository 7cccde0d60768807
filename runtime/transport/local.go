package transport

import (
	"context"
	"sync"

	"gofab/internal/command"
	"gofab/internal/transfer"
)

// local is this machine, reached without a network.
type local struct {
	command.Local
	files transfer.FS
	done  chan struct{}
	once  sync.Once
}

// NewLocal gives the way to this machine; home is where relative paths begin.
func NewLocal(home string) Conn {
	return &local{files: transfer.Local(home), done: make(chan struct{})}
}

func (l *local) Files(context.Context) (transfer.FS, error) { return l.files, nil }
func (l *local) Done() <-chan struct{}                      { return l.done }

func (l *local) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Package transport is how a host is reached: ssh, local or sandbox.
//
// One connection per host and run, opened at first use, kept alive and shared
// by everything that runs there. A connection that was lost is opened again
// for the next command; what ran on it is lost, never repeated by itself. Where
// more hosts are reached than connections can be open, those that wait take the
// place of one that nobody uses, which is opened again when it is needed.
package transport

import (
	"context"

	"gofab/internal/command"
	"gofab/internal/sshclient"
	"gofab/internal/transfer"
	"gofab/runtime/inventory"
)

// Conn is one open way to a host.
type Conn interface {
	command.Executor
	// Files gives the host's file system; relative paths begin at the login
	// user's home folder. It is shared and closed with the connection.
	Files(ctx context.Context) (transfer.FS, error)
	// Done is closed when the connection has ended.
	Done() <-chan struct{}
	Close() error
}

// Informed is a connection over SSH, which knows what was agreed upon.
type Informed interface {
	Info() sshclient.Info
}

// Restarter is a host that is restarted from outside and not by a command: an
// embedded one. Its connections end.
type Restarter interface {
	Conn
	Restart() error
}

// Dial opens a way to a host.
type Dial func(ctx context.Context, h *inventory.Host) (Conn, error)

// Package machine is a managed host as an engine sees it: a place where
// commands run and files are. A binding takes one as an option (on = h) and so
// works on this machine and on any host of the inventory alike.
package machine

import (
	"context"
	"io"

	"gofab/internal/transfer"
)

// Machine is one host, with the scope (working directory, environment, user,
// sudo) that the script put around it. Errors are *fault.Error with the host
// in them.
type Machine interface {
	// Label names it in what people read.
	Label() string
	// Output runs a line for a POSIX shell and gives its standard output. An
	// exit status other than 0 is an error (fault.Exit). Nil stdin is empty.
	// More than max bytes are an error; 0 takes the default of h:run.
	Output(ctx context.Context, line string, stdin io.Reader, max int64) ([]byte, error)
	// ReadFile gives a file's content; more than max bytes are an error.
	ReadFile(ctx context.Context, path string, max int64) ([]byte, error)
	// Files gives the file system as the login user sees it. Under sudo or as
	// another user it fails with fault.Unsupported: use Output there.
	Files(ctx context.Context) (transfer.FS, error)
}

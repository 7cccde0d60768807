package host

import (
	"context"
	"io"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/machine"
	"gofab/internal/transfer"
)

// A handle is a machine.Machine, so that modules take a host as an option.
var _ machine.Machine = (*Handle)(nil)

// Label is the host's name in the inventory.
func (h *Handle) Label() string { return h.Name }

// Output runs a line inside the scope, silently.
func (h *Handle) Output(ctx context.Context, line string, stdin io.Reader, max int64) ([]byte, error) {
	conn, err := h.conn(ctx)
	if err != nil {
		return nil, err
	}
	o := h.scope.OwnOptions()
	if max > 0 {
		o.MaxOutput = command.Size(max/2) + 1
	}
	request := command.Request{Host: h.Name, Line: line, Options: o, Stdin: stdin}
	result, err := command.Run(ctx, conn, request, h.services.Commands)
	switch {
	case err != nil:
		return nil, err
	case result.Truncated || max > 0 && result.StdoutBytes > max:
		return nil, h.named(fault.New(fault.Failed, "the command printed %d bytes, more than fits", result.StdoutBytes))
	}
	return []byte(result.Stdout), nil
}

// ReadFile reads a file as the scope's user.
func (h *Handle) ReadFile(ctx context.Context, p string, max int64) ([]byte, error) {
	p = h.path(p)
	if h.scope.Becomes() {
		return h.readAs(ctx, p, max)
	}
	files, err := h.files(ctx)
	if err != nil {
		return nil, err
	}
	data, err := transfer.Read(ctx, files, p, max)
	return data, h.named(err)
}

// Files gives the host's file system; only the login user's.
func (h *Handle) Files(ctx context.Context) (transfer.FS, error) {
	if h.scope.Becomes() {
		return nil, h.named(fault.New(fault.Unsupported, "files under sudo or as another user cannot be reached one by one").
			WithHint("use the host without sudo and user here"))
	}
	return h.files(ctx)
}

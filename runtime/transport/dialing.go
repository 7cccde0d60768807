package transport

import (
	"context"

	"gofab/internal/fault"
)

// Work that belongs to the making of a connection, such as a hook, must not
// wait for that connection.

type dialingKey struct{}

// Dialing marks ctx as that of work on the connection of a host.
func Dialing(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, dialingKey{}, host)
}

// checkDialing refuses to wait for the connection that ctx is to make.
func checkDialing(ctx context.Context, host string) error {
	if name, ok := ctx.Value(dialingKey{}).(string); ok && name == host {
		return fault.New(fault.Usage, "the connection is not there yet: a hook of it cannot use the host").
			WithHint(`before("task", ...) can`)
	}
	return nil
}

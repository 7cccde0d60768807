package transport

import (
	"context"
	"slices"

	"gofab/internal/fault"
)

// Work that belongs to the making of a connection, such as a hook or the host
// that it goes through, must not wait for that connection.

type dialingKey struct{}

// Dialing marks ctx as that of work on the connection of a host.
func Dialing(ctx context.Context, host string) context.Context {
	hosts, _ := ctx.Value(dialingKey{}).([]string)
	return context.WithValue(ctx, dialingKey{}, append(slices.Clone(hosts), host))
}

// checkDialing refuses to wait for a connection that ctx is to make.
func checkDialing(ctx context.Context, host string) error {
	if hosts, _ := ctx.Value(dialingKey{}).([]string); slices.Contains(hosts, host) {
		return fault.New(fault.Usage, "the connection of %s is not there yet: what makes it cannot use it", host).
			WithHint(`a hook before("task") can use the host`)
	}
	return nil
}

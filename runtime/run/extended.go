package run

import (
	"context"
	"time"

	"gofab/internal/command"
	"gofab/runtime/event"
	"gofab/runtime/extend"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// extended reaches hosts by the transports of the script, and the others with
// dial. A sandbox plays all of them.
func (r *Run) extended(dial transport.Dial) transport.Dial {
	return func(ctx context.Context, h *inventory.Host) (transport.Conn, error) {
		if r.options.Sandbox.On {
			return dial(ctx, h)
		}
		t, err := extend.Of(r.Env).Find(h)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return dial(ctx, h)
		}
		began := time.Now()
		conn, err := t.Dial(ctx, h, extend.Way{Local: r.Env.Local(), On: r.wayTo})
		if err == nil {
			r.Events.Emit(event.Connected{
				Host: h.Name, Transport: t.Name, Address: h.Address, User: h.User, Duration: event.Seconds(time.Since(began)),
			})
		}
		return conn, err
	}
}

// wayTo gives the connection of a host to a transport that works through it.
func (r *Run) wayTo(ctx context.Context, name string) (command.Executor, error) {
	hosts, err := r.Hosts.Select(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.services.Pool.Get(ctx, hosts[0])
}

package ssh

import (
	"net"
	"strconv"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/portforward"
)

type forwardArgs struct {
	portforward.Spec
	Body kit.Callback `lua:"body,last" default:"" doc:"function(f): the forward is closed when it ends, and what it returns is returned."`
}

func openForward(c *kit.Call, s *session, a forwardArgs) (kit.Multi, error) {
	f, err := portforward.Open(c.Context, s.client, a.Spec)
	if err != nil {
		return nil, s.named(err)
	}
	if a.Body.IsZero() {
		s.own(func() { _ = f.Close() })
		return kit.Multi{f}, nil
	}
	defer func() { _ = f.Close() }()
	return a.Body.Call(c.Context, f)
}

func forwardType() kit.Type {
	return kit.TypeOf[*portforward.Forward]("ssh_forward", "A forwarded port or Unix socket. It is closed with its connection.",
		kit.Method("close", "End it and all connections through it.", closeForward),
	).Fields(
		kit.Field("address", "Where it listens: host:port, or the path of a socket.", func(f *portforward.Forward) string { return f.Addr().String() }),
		kit.Field("port", "Port that it listens on; 0 for a socket.", portOf),
		kit.Field("connections", "Connections that are open now.", func(f *portforward.Forward) int { return f.Stats().Open }),
		kit.Field("total", "Connections since the start.", func(f *portforward.Forward) int { return f.Stats().Total }),
		kit.Field("failed", "Connections whose target could not be reached.", func(f *portforward.Forward) int { return f.Stats().Failed }),
		kit.Field("error", "Why the last one failed; empty when none did.", func(f *portforward.Forward) string {
			if err := f.Stats().Error; err != nil {
				return fault.From(err).Text()
			}
			return ""
		}),
	)
}

func closeForward(_ *kit.Call, f *portforward.Forward, _ none) (kit.None, error) {
	return kit.None{}, f.Close()
}

func portOf(f *portforward.Forward) int {
	_, text, err := net.SplitHostPort(f.Addr().String())
	if err != nil {
		return 0
	}
	port, _ := strconv.Atoi(text)
	return port
}

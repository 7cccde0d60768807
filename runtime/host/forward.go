package host

import (
	"io"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/portforward"
	"gofab/internal/sshreach"
)

type forwardArgs struct {
	portforward.Spec
	Body kit.Callback `lua:"body,last" default:"" doc:"function(f): the forward is closed when it ends, and what it returns is returned."`
}

// forward carries connections through the host's connection. Without a function
// it lasts as long as the task.
func forward(c *kit.Call, h *Handle, a forwardArgs) (kit.Multi, error) {
	conn, err := h.conn(c.Context)
	if err != nil {
		return nil, err
	}
	via, ok := conn.(portforward.Client)
	if !ok {
		return nil, h.named(fault.New(fault.Unsupported, "only a host that is reached over SSH forwards ports"))
	}
	f, err := portforward.Open(c.Context, via, a.Spec)
	if err != nil {
		return nil, h.named(err)
	}
	if a.Body.IsZero() {
		keep(c, f)
		return kit.Multi{f}, nil
	}
	defer func() { _ = f.Close() }()
	return a.Body.Call(c.Context, f)
}

// keep closes something at the end of the task.
func keep(c *kit.Call, open io.Closer) {
	reach := kit.SharedValue(c.Shared, sshreach.Key{}, func() *sshreach.Reach { return &sshreach.Reach{} })
	reach.Keep(c.Context, open)
}

package host

import (
	"context"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/sshclient"
	"gofab/runtime/transport"
)

// The link to a host, which opens by itself and may be closed before the end of
// the run.

func open(c *kit.Call, h *Handle, _ struct{}) (*Handle, error) {
	_, err := h.conn(c.Context)
	return h, err
}

// link gives nil for what is reached in another way.
func link(c *kit.Call, h *Handle, _ struct{}) (*sshclient.Info, error) {
	conn, err := h.conn(c.Context)
	if err != nil {
		return nil, err
	}
	ssh, ok := conn.(transport.Informed)
	if !ok {
		return nil, nil
	}
	info := ssh.Info()
	return &info, nil
}

func closeLink(c *kit.Call, h *Handle, _ struct{}) (kit.None, error) {
	return kit.None{}, h.named(h.services.Pool.Drop(c.Context, h.Name))
}

func connected(h *Handle) bool { return h.services.Pool.Connected(h.Name) }

// tty gives the operator's terminal to a login shell of the host.
func tty(c *kit.Call, h *Handle, _ struct{}) (command.Result, error) {
	if err := h.undry("a login shell"); err != nil {
		return command.Result{}, err
	}
	c.Events.Flush()
	term, _ := c.World.Getenv("TERM")
	return h.Login(c.Context, term)
}

// Login runs the login shell of the scope's user on the operator's terminal.
func (h *Handle) Login(ctx context.Context, term string) (command.Result, error) {
	o := command.Defaults()
	o.Check, o.Hide, o.PTY, o.Term = false, command.HideBoth, true, term
	o.Stdin.Terminal = true
	return h.run(ctx, command.Words{Line: `exec "${SHELL:-/bin/sh}" -l`}, o, false)
}

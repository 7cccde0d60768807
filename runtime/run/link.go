package run

import (
	"cmp"
	"context"

	"gofab/internal/fault"
	"gofab/internal/sshconfig"
	"gofab/runtime/transport"
	"gofab/runtime/world"
)

// LinkOptions say how connections are made.
type LinkOptions struct {
	Connections int         // kept open at a time; 0 is transport.DefaultRoom
	Jump        string      // jump hosts as in ProxyJump, where the inventory has none
	Options     [][2]string // keywords of ssh_config and their values
}

// room is how many connections the run may have open. Half of the files of the
// process are for other things: scripts, keys, pipes of local commands. An
// embedded host is at both ends of its connection and listens, too.
func (o LinkOptions) room(sandbox bool) int {
	limit := world.FileLimit()
	free := limit - min(limit/2, 512)
	if sandbox {
		free /= 3
	}
	return min(cmp.Or(o.Connections, transport.DefaultRoom), free)
}

// link puts the options in front of what ssh_config says. A jump host is not
// reached through itself.
func (o LinkOptions) link(ctx context.Context, reach *transport.SSH) error {
	if o.Jump != "" {
		reach.Targets = append(reach.Targets, [2]string{"ProxyJump", o.Jump})
	}
	reach.Config.Overrides = append(reach.Config.Overrides, o.Options...)
	check := append(append([][2]string{}, reach.Targets...), o.Options...)
	if _, err := sshconfig.Resolve(ctx, "host", sshconfig.Options{Files: []string{}, Overrides: check}); err != nil {
		return fault.Wrap(fault.Usage, err, "ssh option")
	}
	return nil
}

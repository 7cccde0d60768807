package run

import (
	"context"

	"gofab/internal/fault"
	"gofab/internal/sshconfig"
	"gofab/runtime/transport"
)

// LinkOptions say how connections are made.
type LinkOptions struct {
	Jump    string      // jump hosts as in ProxyJump, where the inventory has none
	Options [][2]string // keywords of ssh_config and their values
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

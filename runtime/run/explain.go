package run

import (
	"cmp"
	"context"
	"slices"

	"gofab/internal/sshconfig"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// sshNames are the keywords of ssh_config that are settings of the inventory.
var sshNames = map[string]string{"hostname": "address", "user": "user", "port": "port", "identityfile": "key", "proxyjump": "jump"}

// Who says so, where it is not the inventory.
const (
	bySSHConfig   = "ssh_config"
	byCommandLine = "command line"
	byDefault     = "default"
)

// Explain tells where every value of a host is from: the inventory, the
// command line, ssh_config.
func (r *Run) Explain(ctx context.Context, h *inventory.Host) ([]inventory.Explained, error) {
	list := r.Hosts.Explain(h)
	if h.Transport != inventory.SSH || r.options.Sandbox.On {
		return list, nil
	}
	ssh := r.ssh()
	if err := r.options.Link.link(ctx, ssh); err != nil {
		return nil, err
	}
	all, err := ssh.Resolve(ctx, h.Name, transport.Overrides(h)...)
	if err != nil {
		return nil, err
	}
	rest, err := ssh.Resolve(ctx, h.Name)
	if err != nil {
		return nil, err
	}
	list = addSSH(list, all, rest)
	slices.SortStableFunc(list, func(a, b inventory.Explained) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name))
	})
	return list, nil
}

// rank puts settings of the inventory first, then ssh_config's, then variables.
func rank(e inventory.Explained) int {
	switch {
	case !e.Setting:
		return 2
	case slices.Contains(inventory.Settings, e.Name):
		return 0
	default:
		return 1
	}
}

// addSSH adds what ssh_config and the command line say: all is what holds, rest
// what would hold without the inventory.
func addSSH(list []inventory.Explained, all, rest *sshconfig.Settings) []inventory.Explained {
	said := map[string]*inventory.Explained{}
	for i := range list {
		if list[i].Setting {
			said[list[i].Name] = &list[i]
		}
	}
	var more []inventory.Explained
	for _, keyword := range all.Given() {
		name := cmp.Or(sshNames[keyword], keyword)
		if !rest.IsSet(keyword) {
			continue
		}
		by, place := source(rest, keyword)
		if e := said[name]; e != nil {
			e.Over = append(e.Over, inventory.Overs{Value: rest.Get(keyword), By: by, Where: place})
		} else {
			more = append(more, inventory.Explained{Name: name, Setting: true, Value: rest.Get(keyword), By: by, Where: place, Over: []inventory.Overs{}})
		}
	}
	for _, keyword := range []string{"hostname", "user", "port"} { // what nobody said is worth knowing, too
		if name := sshNames[keyword]; said[name] == nil && !rest.IsSet(keyword) {
			more = append(more, inventory.Explained{Name: name, Setting: true, Value: all.Get(keyword), By: byDefault, Over: []inventory.Overs{}})
		}
	}
	return append(list, more...)
}

func source(s *sshconfig.Settings, keyword string) (by, place string) {
	if place = s.Where(keyword); place == sshconfig.Override {
		return byCommandLine, ""
	}
	return bySSHConfig, place
}

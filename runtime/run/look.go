package run

import (
	"gofab/internal/sysinfo"
	"gofab/runtime/host"
)

// Look captures parts of all hosts of a target expression.
func (r *Run) Look(targets string, parts ...sysinfo.Part) ([]host.Sight, error) {
	hosts, err := r.Select(targets)
	if err != nil {
		return nil, err
	}
	return host.Look(r.Context, r.services, hosts, parts...), nil
}

package main

import (
	"github.com/spf13/pflag"

	"gofab/runtime/run"
)

// targetFlags say which hosts a run is about.
type targetFlags struct {
	hosts string
}

func (f *targetFlags) declare(set *pflag.FlagSet) {
	set.StringVarP(&f.hosts, "hosts", "H", "", "targets instead of the tasks' own: web1,web2 or \"@web & !web3\"")
}

func (f *targetFlags) apply(o *run.Options) error {
	o.Hosts = f.hosts
	return nil
}

package main

import (
	"github.com/spf13/pflag"

	"gofab/bindings"
	"gofab/runtime/run"
	"gofab/stdlib"
)

// flags are the options that hold for a whole run: one group, and one file,
// for each part of a run that they speak of.
type flags struct {
	eval    string
	target  targetFlags
	fan     fanFlags
	remote  remoteFlags
	command commandFlags
	link    linkFlags
	sandbox sandboxFlags
	output  outputFlags
	ask     askFlags
	journal journalFlags
	record  recordFlags
	config  configFlags
}

// flagGroup is what belongs together: it declares its flags, and puts what was
// typed into the options of a run.
type flagGroup interface {
	declare(set *pflag.FlagSet)
	apply(o *run.Options) error
}

func (f *flags) groups() []flagGroup {
	return []flagGroup{&f.target, &f.fan, &f.remote, &f.command, &f.link, &f.sandbox, &f.output, &f.ask, &f.journal, &f.record, &f.config}
}

// runFlags declares the options of a run.
func (a *app) runFlags(set *pflag.FlagSet) {
	a.runSets = append(a.runSets, set)
	for _, g := range a.flags.groups() {
		g.declare(set)
	}
}

// options checks the flags and makes the options of a run of them. What was not
// typed is as the settings say.
func (a *app) options(set *pflag.FlagSet) (run.Options, error) {
	o := run.Options{World: a.world, Modules: bindings.Modules(), Stdlib: stdlib.Files}
	if err := a.configure(set); err != nil {
		return o, err
	}
	o.Settings = a.settings
	for _, g := range a.flags.groups() {
		if err := g.apply(&o); err != nil {
			return o, a.blame(err)
		}
	}
	return o, nil
}

package main

import (
	"github.com/spf13/pflag"

	"gofab/runtime/run"
)

// askFlags say what becomes of questions to the person at the terminal.
type askFlags struct {
	yes   bool
	never bool
}

func (f *askFlags) declare(set *pflag.FlagSet) {
	set.BoolVarP(&f.yes, "yes", "y", false, "confirm what a script asks about; other questions take their defaults")
	set.BoolVar(&f.never, "no-input", false, "ask nothing: questions take their defaults, or are errors")
}

func (f *askFlags) apply(o *run.Options) error {
	o.Questions.Yes, o.Questions.Never = f.yes, f.never
	return nil
}

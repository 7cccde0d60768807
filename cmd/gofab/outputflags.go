package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/run"
)

// outputFlags say what a run shows.
type outputFlags struct {
	format      string
	verbose     int
	quiet       bool
	traceExpect bool
}

func (f *outputFlags) declare(set *pflag.FlagSet) {
	set.StringVarP(&f.format, "output", "o", run.Text, "what to print: "+strings.Join(run.Formats, ", "))
	set.CountVarP(&f.verbose, "verbose", "v", "show more: connections, times; twice: everything")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "show failures and the summary only")
	set.BoolVar(&f.traceExpect, "trace-expect", false, "show for each wait of a dialogue what was there and why patterns did not match")
}

func (f *outputFlags) apply(o *run.Options) error {
	if !slices.Contains(run.Formats, f.format) {
		return fault.New(fault.Usage, "-o %s: not one of %s", f.format, strings.Join(run.Formats, ", "))
	}
	o.Format, o.Verbosity, o.TraceExpect = f.format, f.verbosity(), f.traceExpect
	return nil
}

func (f *outputFlags) verbosity() event.Verbosity {
	switch {
	case f.quiet:
		return event.Quiet
	case f.verbose > 1:
		return event.Everything
	case f.verbose == 1:
		return event.Verbose
	default:
		return event.Normal
	}
}

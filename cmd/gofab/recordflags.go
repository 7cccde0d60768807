package main

import (
	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/run"
)

// recordFlags say what of a run is written down, and what answers in the place
// of its hosts.
type recordFlags struct {
	record string
	replay string
	ignore []string
}

func (f *recordFlags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.record, "record", "", "write the whole run to this file: events, and all that hosts answered; .gz at its end compresses it")
	set.StringVar(&f.replay, "replay", "", "let hosts answer from this record: no network, no commands")
	set.StringArrayVar(&f.ignore, "replay-ignore", nil, "regular expression of texts in commands that may differ from the record, such as times; may be repeated")
}

func (f *recordFlags) apply(o *run.Options) error {
	switch {
	case f.replay != "" && f.record != "":
		return fault.New(fault.Usage, "--record and --replay exclude each other")
	case f.replay != "" && o.Sandbox.On:
		return fault.New(fault.Usage, "--replay and --sandbox exclude each other: the hosts of one are recorded, those of the other embedded")
	case f.replay == "" && len(f.ignore) > 0:
		return fault.New(fault.Usage, "--replay-ignore belongs to --replay")
	}
	o.Record = run.RecordOptions{File: f.record, Replay: f.replay, Ignore: f.ignore}
	if f.replay != "" {
		o.Journal.Off = true // nothing is done
	}
	return nil
}

package main

import (
	"slices"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/journal"
	"gofab/runtime/run"
)

// journalFlags say whether and where a run keeps its journal.
type journalFlags struct {
	dir  string
	off  bool
	sets []*pflag.FlagSet // of the commands that have the options of a run
}

func (f *journalFlags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.dir, "journal", "", "folder of the journals, which gofab resume goes by; the state folder of the user when left out")
	set.BoolVar(&f.off, "no-journal", false, "keep no journal of this run")
	f.sets = append(f.sets, set)
}

func (f *journalFlags) apply(o *run.Options) error {
	if f.off && f.dir != "" {
		return fault.New(fault.Usage, "--journal and --no-journal exclude each other")
	}
	o.Journal.Off = f.off
	o.Journal.Folder, o.Journal.Required = f.folder(o.World.Env, o.World.Home()), f.dir != ""
	o.Journal.Flags = f.typed()
	return nil
}

// folder is where the journals are.
func (f *journalFlags) folder(getenv func(string) string, home string) string {
	if f.dir != "" {
		return f.dir
	}
	return journal.Folder(getenv, home)
}

// ofOneRun are the options that a resumed run does not take over: they say what
// is shown and kept of this run, not what it does.
var ofOneRun = []string{
	"output", "outdir", "verbose", "quiet", "colour", "color", "fold", "diff-hosts", "no-prefix", "summary", "timing", "trace-expect",
	"journal", "no-journal", "record", "replay", "replay-ignore", "eval", "help",
}

// typed lists the options of the run that were given, with their values.
func (f *journalFlags) typed() [][]string {
	list := [][]string{}
	for _, set := range f.sets {
		set.Visit(func(flag *pflag.Flag) {
			if slices.Contains(ofOneRun, flag.Name) {
				return
			}
			values := []string{flag.Value.String()}
			if many, ok := flag.Value.(pflag.SliceValue); ok {
				values = many.GetSlice()
			}
			list = append(list, append([]string{flag.Name}, values...))
		})
	}
	return list
}

// restore gives a command the options of an earlier run, but for those that
// were typed now. It leaves out what this gofab does not know any more.
func restore(set *pflag.FlagSet, flags [][]string) error {
	for _, words := range flags {
		flag := set.Lookup(words[0])
		if flag == nil || flag.Changed || slices.Contains(ofOneRun, flag.Name) {
			continue
		}
		var err error
		if many, ok := flag.Value.(pflag.SliceValue); ok {
			err, flag.Changed = many.Replace(words[1:]), true
		} else if len(words) == 2 {
			err = set.Set(words[0], words[1])
		}
		if err != nil {
			return fault.Wrap(fault.Usage, err, "--%s of the run to resume", words[0])
		}
	}
	return nil
}

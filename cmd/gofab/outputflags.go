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
	formats     []string
	verbose     int
	quiet       bool
	colour      string
	fold        bool
	diff        bool
	noPrefix    bool
	summary     string
	timing      bool
	dir         string
	traceExpect bool
}

func (f *outputFlags) declare(set *pflag.FlagSet) {
	set.StringArrayVarP(&f.formats, "output", "o", nil,
		"what to print: "+strings.Join(run.FormatNames(run.Formats()), ", ")+"; html=FILE writes a file besides; may be repeated")
	set.CountVarP(&f.verbose, "verbose", "v", "show more: connections, times; twice: everything")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "show failures and the summary only")
	set.StringVar(&f.colour, "colour", "auto", "colours: "+strings.Join(whens, ", "))
	set.StringVar(&f.colour, "color", "auto", "the same")
	_ = set.MarkHidden("color")
	set.BoolVar(&f.fold, "fold", false, "show equal output of several hosts once, when all have ended")
	set.BoolVar(&f.diff, "diff-hosts", false, "fold, and show other outputs by how they differ from the most common one")
	set.BoolVarP(&f.noPrefix, "no-prefix", "N", false, "no host names in front of output lines")
	set.StringVar(&f.summary, "summary", "auto", "the end of a run: auto, table, line, none")
	set.BoolVar(&f.timing, "timing", false, "tell at the end where the time went: slowest tasks, hosts, commands, connections")
	set.StringVar(&f.dir, "outdir", "", "write the output of each host into files of this folder: web1.out, web1.err")
	set.BoolVar(&f.traceExpect, "trace-expect", false, "show for each wait of a dialogue what was there and why patterns did not match")
}

// whens are the values of --colour.
var whens = []string{"auto", "always", "never"}

func (f *outputFlags) apply(o *run.Options) error {
	if !slices.Contains(whens, f.colour) && f.colour != "" {
		return fault.New(fault.Usage, "--colour %s: not one of %s", f.colour, strings.Join(whens, ", "))
	}
	summary := event.SummaryStyle(f.summary)
	if !slices.Contains(event.SummaryStyles, summary) && summary != "" {
		return fault.New(fault.Usage, "--summary %s: not one of auto, table, line, none", f.summary)
	}
	o.Output = run.OutputOptions{
		Colour: f.colour, Fold: f.fold, Diff: f.diff, NoPrefix: f.noPrefix, Summary: summary, Timing: f.timing, Dir: f.dir,
	}
	o.Verbosity, o.TraceExpect = f.verbosity(), f.traceExpect
	return f.applyFormats(o)
}

// applyFormats sorts what -o said: one format has standard output, the others
// have files.
func (f *outputFlags) applyFormats(o *run.Options) error {
	o.Format = run.Text
	paths := map[string]string{}
	for _, word := range f.formats {
		format, path, toFile := strings.Cut(word, "=")
		switch {
		case toFile && path == "":
			return fault.New(fault.Usage, "-o %s: no file behind the sign", word).WithHint("-o %s=report.%s", format, format)
		case toFile && paths[path] != "":
			return fault.New(fault.Usage, "-o %s: %s goes there already", word, paths[path])
		case toFile:
			paths[path] = format
			o.Output.Files = append(o.Output.Files, run.File{Format: format, Path: path})
		case format == run.Text:
			o.Output.Beside = true
		case o.Format != run.Text && o.Format != format:
			return fault.New(fault.Usage, "-o %s: %s has standard output already", format, o.Format).WithHint("-o %s=FILE", format)
		default:
			o.Format = format
		}
	}
	if _, _, terminal := o.World.Terminal(); terminal && o.Format == run.HTML {
		return fault.New(fault.Usage, "-o html: a terminal shows no pages").WithHint("-o html=report.html")
	}
	o.Output.Beside = o.Output.Beside && o.Format != run.Text
	return nil
}

// standard is the format of standard output, for commands that print something
// of their own there.
func (f *outputFlags) standard() (format string, others bool) {
	if len(f.formats) == 0 {
		return run.Text, false
	}
	return f.formats[0], len(f.formats) > 1
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

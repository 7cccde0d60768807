package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/config"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/world"
)

// version is set by the linker.
var version = "dev"

// app is one invocation: the world, the flags, and the exit code to be.
type app struct {
	world *world.World
	flags flags
	code  int

	runSets  []*pflag.FlagSet // those with the options of a run
	settings *config.Config
	script   string // the fabfile, once it is known
}

// Main runs gofab in a world and gives the exit code.
func Main(w *world.World) int {
	a := &app{world: w}
	root := a.root()
	root.SetArgs(w.Args)
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	root.SetFlagErrorFunc(wrongFlag)
	err := root.Execute()
	if w.Closed() {
		return world.ExitClosed
	}
	if lost := w.Lost(); lost != nil && err != errShown {
		err = lost
	}
	if err != nil && err != errShown {
		a.complain(root, err)
		return codeOf(err)
	}
	return a.code
}

// codeOf tells the exit code of an error of the command line: what cobra says
// is misuse, all our own errors have their kind.
func codeOf(err error) int {
	if _, ours := err.(*fault.Error); !ours {
		return world.ExitUsage
	}
	return run.CodeOf(err)
}

// complain shows an error that no run can show.
func (a *app) complain(root *cobra.Command, err error) {
	fmt.Fprintf(a.world.Err, "error: %s\n", strings.TrimSpace(err.Error()))
	hint := fault.From(err).Hint
	if _, ours := err.(*fault.Error); !ours && hint == "" {
		hint = root.Name() + " --help"
	}
	if hint != "" {
		fmt.Fprintf(a.world.Err, "  hint: %s\n", hint)
	}
}

// errShown says that the run has shown the error itself, and that code is set.
var errShown = fault.New(fault.Failed, "shown")

// begin opens the run.
func (a *app) begin(cmd *cobra.Command) (*run.Run, error) {
	o, err := a.options(cmd.Flags())
	if err != nil {
		return nil, err
	}
	return a.open(cmd.Context(), o)
}

// open opens a run that a script can still set some options of.
func (a *app) open(ctx context.Context, o run.Options) (*run.Run, error) {
	r, err := run.Open(ctx, o)
	if err == nil && a.settings != nil {
		a.settings.Late(func() error { return a.adjust(r) })
	}
	return r, err
}

// finish ends a command of a run: an error is shown by the run itself.
func (a *app) finish(r *run.Run, results []event.HostResult, err error) error {
	a.code = r.ExitCode(results, err)
	if err != nil {
		r.Problem(err)
	}
	if reportErr := r.Finish(); reportErr != nil {
		r.Problem(reportErr)
		a.code = max(a.code, world.ExitFailed)
		err = reportErr
	}
	if err == nil {
		return nil
	}
	return errShown
}

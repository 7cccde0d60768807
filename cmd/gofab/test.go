package main

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/luatest"
	"gofab/runtime/run"
	"gofab/runtime/world"
)

func (a *app) testCommand() *cobra.Command {
	var match string
	c := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "Run Lua tests: files that end in " + luatest.Suffix,
		Long: `Run the tests in files and folders, this folder by default. Each file runs in a
fresh interpreter, with its own folder as the working folder; every host that
it reaches is an embedded one.`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			if len(paths) == 0 {
				paths = []string{"."}
			}
			var only *regexp.Regexp
			if match != "" {
				var err error
				if only, err = regexp.Compile(match); err != nil {
					return fault.New(fault.Usage, "--run: %v", err)
				}
			}
			return a.runTests(cmd.Context(), paths, only)
		},
	}
	c.Flags().StringVar(&match, "run", "", "only cases whose name matches this regular expression")
	c.Flags().BoolVarP(&a.flags.output.quiet, "quiet", "q", false, "show failures only")
	return c
}

func (a *app) runTests(ctx context.Context, paths []string, only *regexp.Regexp) error {
	files, err := luatest.Find(paths...)
	if err != nil {
		return err
	}
	ctx, stop := a.world.Run(ctx)
	defer stop()
	began := time.Now()
	passed, failed, err := luatest.Run(ctx, files, luatest.Options{Open: a.openTest, Match: only, Report: a.reportCase})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.world.Out, "%d passed, %d failed (%.2f s)\n", passed, failed, time.Since(began).Seconds())
	if failed > 0 {
		a.code = world.ExitFailed
	}
	return nil
}

// openTest makes the fresh run of one test file: its hosts are in the sandbox.
func (a *app) openTest(file string) (luatest.World, error) {
	a.flags.sandbox.hosts, a.flags.fan.forks = "on", 32
	o, err := a.options(nil)
	if err != nil {
		return nil, err
	}
	o.Verbosity, o.Journal = event.Quiet, run.JournalOptions{}
	r, err := run.Open(context.Background(), o)
	if err != nil {
		return nil, err
	}
	return run.NewTest(r, file), nil
}

func (a *app) reportCase(r luatest.Result) {
	name := r.File
	if r.Case != "" {
		name += ": " + r.Case
	}
	if r.Err == nil {
		if !a.flags.output.quiet {
			fmt.Fprintf(a.world.Out, "ok    %s (%.2f s)\n", name, r.Took.Seconds())
		}
		return
	}
	e := fault.From(r.Err)
	fmt.Fprintf(a.world.Out, "FAIL  %s\n      %s\n", name, e.Error())
	if e.Hint != "" {
		fmt.Fprintf(a.world.Out, "      hint: %s\n", e.Hint)
	}
	for _, line := range e.Trace {
		fmt.Fprintf(a.world.Out, "        %s\n", line)
	}
}

package main

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/runtime/run"
	"gofab/runtime/vm"
)

func (a *app) replCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "repl [FILE]",
		Short: "Type Lua and see what it gives",
		Long: `Read Lua line by line, run it and print what it gives. With a file, that fabfile
is loaded first: its hosts and functions are at hand. Ctrl-D ends it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			r, err := a.begin(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			if len(words) == 1 {
				err = r.Load(words[0], nil)
			} else {
				err = r.Stage()
			}
			if err != nil {
				return a.finish(r, nil, err)
			}
			return a.finish(r, nil, a.converse(r))
		},
	}
	a.runFlags(c.Flags())
	return c
}

// converse reads, runs and prints until the input ends.
func (a *app) converse(r *run.Run) error {
	in := a.prompt("repl_history", nil)
	for r.Context.Err() == nil {
		chunk, err := readChunk(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		ctx, done := a.world.Interruptible(r.Context)
		values, err := r.Try(ctx, chunk)
		done()
		if err != nil {
			if r.Context.Err() != nil {
				return err
			}
			r.Problem(err)
		} else if len(values) > 0 {
			r.Env.Events.Print("", strings.Join(values, "\t")+"\n")
		}
		_ = r.Flush()
	}
	return nil
}

// readChunk reads lines until they are a whole chunk.
func readChunk(in *prompt) (string, error) {
	chunk, err := in.read("> ")
	for err == nil && unfinished(chunk) {
		var more string
		if more, err = in.read(">> "); err == nil {
			chunk += "\n" + more
		}
	}
	return chunk, err
}

func unfinished(chunk string) bool {
	err := vm.Check(chunk)
	return err != nil && fault.From(err).Message == vm.Unfinished
}

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/internal/recording"
)

func (a *app) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Play a recorded program: a fake for tests",
		Long: `Play the program's part of a recorded session: show the recorded output, and
check that the same is typed as then. For a password any line is right. The exit
code is the recorded one, or 1 when something else was typed.

  gofab record -o setup.lua -- ./setup.sh   writes setup.lua and setup.cast
  gofab replay setup.cast                   is setup.sh, for whoever talks to it

In a script: expect.spawn({ "gofab", "replay", "setup.cast" }).`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error { return a.replay(cmd.Context(), files[0]) },
	}
}

func (a *app) replay(ctx context.Context, path string) error {
	session, err := readRecording(path)
	if err != nil {
		return err
	}
	ctx, stop := a.world.Run(ctx)
	defer stop()
	in, out, leave, err := a.stage()
	if err != nil {
		return err
	}
	defer leave()
	type ending struct {
		code int
		err  error
	}
	over := make(chan ending, 1) // a read of standard input cannot be ended
	go func() {
		code, err := session.Play(ctx, in, out)
		over <- ending{code, err}
	}()
	select {
	case e := <-over:
		a.code = e.code
		return e.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stage is where the session is played: on the terminal, or on pipes.
func (a *app) stage() (in io.Reader, out io.Writer, leave func(), err error) {
	if _, ok := a.world.StdinTerminal(); !ok {
		return a.world.In, a.world.Out, func() {}, nil
	}
	console, err := a.world.Console()
	if err != nil {
		return nil, nil, nil, err
	}
	out = a.world.Out
	if _, _, ok := a.world.Terminal(); ok {
		out = console
	}
	return console, out, func() { console.Close() }, nil
}

func readRecording(path string) (*recording.Recording, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.OS(err, "cannot open the recording %s", path)
	}
	defer file.Close()
	session, err := recording.Read(file)
	if err != nil {
		e := fault.Wrap(fault.Parse, err, "%s", path).WithHint("%s", fault.From(err).Hint)
		if filepath.Ext(path) == ".lua" {
			e = e.WithHint("the recording of a script is beside it: %s", strings.TrimSuffix(path, ".lua")+".cast")
		}
		return nil, e
	}
	return session, nil
}

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
	r := &replayCommand{app: a}
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Show a recorded run again, or play a recorded program",
		Long: `What is in the file decides.

A recorded run is shown again, as text or in any other format:

  gofab --record run.jsonl.gz deploy.lua deploy   records a run
  gofab replay run.jsonl.gz                       shows it
  gofab replay run.jsonl.gz -o html=run.html      makes a report of it
  gofab replay run.jsonl.gz --host web1 --speed 1 one host, as fast as it was

To run a fabfile against the hosts of a record: gofab --replay run.jsonl.gz
deploy.lua deploy.

Of a recorded session the program's part is played, as a fake for tests: it shows
the recorded output, and checks that the same is typed as then. For a password
any line is right. The exit code is the recorded one, or 1 when something else was
typed.

  gofab record -o setup.lua -- ./setup.sh   writes setup.lua and setup.cast
  gofab replay setup.cast                   is setup.sh, for whoever talks to it

In a script: expect.spawn({ "gofab", "replay", "setup.cast" }).`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error { return r.run(cmd, files[0]) },
	}
	c.Flags().StringVar(&r.speed, "speed", "0", "how fast a run is shown: 1 as it was, 10 ten times as fast, 0 as fast as possible")
	c.Flags().StringVar(&r.show.Host, "host", "", "show only this host of a run")
	c.Flags().StringVar(&r.show.Task, "task", "", "show only this task of a run")
	a.flags.output.declare(c.Flags())
	return c
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

package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/runtime/replay"
	"gofab/runtime/run"
)

// replayCommand shows runs again and plays programs.
type replayCommand struct {
	app   *app
	show  replay.Show
	speed string
}

// ofRuns are the options that only runs have.
var ofRuns = []string{"speed", "host", "task", "output"}

func (r *replayCommand) run(cmd *cobra.Command, path string) error {
	if !replay.Is(path) {
		for _, name := range ofRuns {
			if cmd.Flags().Changed(name) {
				return fault.New(fault.Usage, "%s is not the record of a run, so there is no --%s", path, name)
			}
		}
		return r.app.replay(cmd.Context(), path)
	}
	speed, err := strconv.ParseFloat(r.speed, 64)
	if err != nil || speed < 0 || !(speed < 1e6) {
		return fault.New(fault.Usage, "--speed %s: want a number, such as 1 or 10", r.speed)
	}
	r.show.Speed = speed
	o := run.Options{World: r.app.world}
	if err := r.app.flags.output.apply(&o); err != nil {
		return err
	}
	return run.Show(cmd.Context(), o, path, r.show)
}

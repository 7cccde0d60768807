package main

import (
	"github.com/spf13/cobra"

	"gofab/internal/fault"
)

func (a *app) pingCommand() *cobra.Command {
	var count int
	var interval, wait string
	c := &cobra.Command{
		Use:   "ping -H TARGETS",
		Short: "Tell which hosts can be reached and used",
		Long: `Connect to hosts, log in, run the command true, and tell how long each took or
what was in the way. The exit code is 0 when all answer, 3 when none can be
reached, 4 when some cannot.

  gofab ping -H @web
  gofab ping -H @web --wait 10m      wait until they answer, as after a power cut`,
		Args: cobra.NoArgs,
	}
	c.Flags().IntVar(&count, "count", 1, "how often to ask each host")
	c.Flags().StringVar(&interval, "interval", "1s", "pause between two questions")
	c.Flags().StringVar(&wait, "wait", "0", "keep trying for so long: 90, 30s, 10m")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if count < 1 {
			return fault.New(fault.Usage, "--count %d: at least once", count)
		}
		pause, err := duration("--interval", interval)
		if err != nil {
			return err
		}
		limit, err := duration("--wait", wait)
		if err != nil {
			return err
		}
		return a.adhoc(cmd, "ping.lua", "gofab:ping", func(int) map[string]any {
			return map[string]any{"count": count, "interval": pause.Seconds(), "wait": limit.Seconds()}
		})
	}
	a.runFlags(c.Flags())
	return c
}

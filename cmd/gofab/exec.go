package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/command"
	"gofab/internal/fault"
)

func (a *app) execCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exec -H TARGETS -- COMMAND...",
		Short: "Run a command on hosts",
		Long: `Run one command on many hosts at once and show their output line by line.

One word is a line for the shell: gofab exec -H @web -- 'uptime | cut -c1-20'.
Several words are a program and its arguments, which reach it as they are.
Groups come from fabfile.lua here or above, or from what -I names.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) == 0 {
				return fault.New(fault.Usage, "no command given").WithHint("gofab exec -H web1,web2 -- uptime")
			}
			if a.flags.target.hosts == "" && a.flags.sandbox.hosts == "" {
				return fault.New(fault.Usage, "no hosts given").WithHint("gofab exec -H web1,web2 -- %s", strings.Join(words, " "))
			}
			return a.execOn(cmd, words, a.flags.command.sudo)
		},
	}
	a.runFlags(c.Flags())
	return c
}

func (a *app) execOn(cmd *cobra.Command, words []string, sudo bool) error {
	r, err := a.begin(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := a.declareHosts(r); err != nil {
		return a.finish(r, nil, err)
	}
	what := command.Words{Args: words}
	if len(words) == 1 {
		what = command.Words{Line: words[0]}
	}
	targets := a.flags.target.hosts
	if targets == "" {
		targets = "all"
	}
	results, err := r.Exec(targets, what, sudo, false)
	return a.finish(r, results, err)
}

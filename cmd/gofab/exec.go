package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/runtime/host"
	"gofab/runtime/run"
	"gofab/runtime/world"
)

func (a *app) execCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exec -H TARGETS -- COMMAND...",
		Short: "Run a command on hosts",
		Long: `Run one command on many hosts at once and show their output line by line.

One word is a line for the shell: gofab exec -H @web -- 'uptime | cut -c1-20'.
Several words are a program and its arguments, which reach it as they are.
{host}, {address}, {n} and {vars.NAME} in them are filled in for each host.
Groups come from fabfile.lua here or above, or from what -I names.

  gofab exec -H @web -c 'cd /srv' -c 'ls'             lines, until one fails
  gofab exec -H @web --script setup.sh -- --fast      a script of this machine
  gofab exec -H @web --batch 1,10% --max-fail 2 --sudo -- systemctl restart app`,
		Args: cobra.ArbitraryArgs,
	}
	f := &execFlags{}
	f.declare(c.Flags())
	c.RunE = func(cmd *cobra.Command, words []string) error { return a.exec(cmd, words, f) }
	a.runFlags(c.Flags())
	return c
}

// exec runs a command on the hosts that the flags name.
func (a *app) exec(cmd *cobra.Command, words []string, f *execFlags) error {
	if strings.Join(words, "") == "" && len(f.commands) == 0 && f.script == "" && !f.list {
		return fault.New(fault.Usage, "no command given").WithHint("gofab exec -H web1,web2 -- uptime")
	}
	if a.flags.target.hosts == "" && a.flags.sandbox.hosts == "" {
		return fault.New(fault.Usage, "no hosts given").WithHint("gofab exec -H web1,web2 -- %s", strings.Join(words, " "))
	}
	o, err := f.options(a.world.In, words)
	if err != nil {
		return err
	}
	r, err := a.begin(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := a.declareHosts(r); err != nil {
		return a.finish(r, nil, err)
	}
	targets := a.flags.target.hosts
	if targets == "" {
		targets = "all"
	}
	if f.list {
		return a.finish(r, nil, a.listTargets(r, targets))
	}
	results, err := r.Exec(targets, o)
	if err != nil {
		return a.finish(r, nil, err)
	}
	err = a.finish(r, results.Each(), nil)
	if f.maxCode && a.code != world.ExitInterrupted {
		a.code = largest(results, a.code)
	}
	return err
}

// listTargets prints the hosts that a command would be for.
func (a *app) listTargets(r *run.Run, targets string) error {
	hosts, err := r.Select(targets)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		fmt.Fprintln(a.world.Out, h.Name)
	}
	fmt.Fprintf(a.world.Err, "%s: %s\n", count(len(hosts), "host"), fold(hostNames(hosts)))
	return nil
}

// largest is the largest exit code of a command; without one above zero it is
// that of the run.
func largest(r *host.Results, code int) int {
	most := 0
	for _, h := range r.Each() {
		if result, ok := r.Value(h.Host).(command.Result); ok {
			most = max(most, result.Code)
		}
	}
	if most > 0 {
		return most
	}
	return code
}

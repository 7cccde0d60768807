package main

import (
	"github.com/spf13/cobra"

	"gofab/bindings/kit"
)

func (a *app) sshCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "ssh HOST [-- COMMAND...]",
		Short: "Log in to a host, with what the inventory says of it",
		Long: `Open a login shell on a host, or run one command on your terminal. Names,
addresses, jump hosts and users come from the inventory and ssh_config alike.
Ctrl-] leaves a shell that does not end. The exit code is that of the command.

  gofab ssh web1
  gofab ssh web1 --sudo
  gofab ssh web1 -- top`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.login,
	}
	a.runFlags(c.Flags())
	return c
}

func (a *app) login(cmd *cobra.Command, words []string) error {
	source, err := adhocScripts.ReadFile("adhoc/ssh.lua")
	if err != nil {
		return err
	}
	r, err := a.beginAdhoc(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := a.declareHosts(r); err != nil {
		return a.finish(r, nil, err)
	}
	return a.finish(r, nil, r.Evaluate(string(source), kit.StdlibPrefix+"ssh.lua", words))
}

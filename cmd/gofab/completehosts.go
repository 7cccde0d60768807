package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"gofab/runtime/event"
	"gofab/runtime/run"
)

// completeTargets completes the names of hosts and groups after -H, --limit and
// --exclude of a command and those below it. No host is asked.
func (a *app) completeTargets(c *cobra.Command) {
	for _, flag := range []string{"hosts", "limit", "exclude"} {
		if c.Flags().Lookup(flag) != nil {
			_ = c.RegisterFlagCompletionFunc(flag, a.targetNames)
		}
	}
	for _, sub := range c.Commands() {
		a.completeTargets(sub)
	}
}

func (a *app) targetNames(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp
	o, err := a.options(cmd.Flags())
	if err != nil {
		return nil, nothing
	}
	o.Verbosity, o.Journal.Folder = event.Quiet, ""
	r, err := run.Open(context.Background(), o)
	if err != nil {
		return nil, nothing
	}
	defer r.Close()
	if a.declareHosts(r) != nil {
		return nil, nothing
	}
	hosts, err := r.Hosts.Select(r.Context, "all")
	if err != nil {
		return nil, nothing
	}
	names := []string{"all"}
	for _, h := range hosts {
		names = append(names, h.Name)
		for _, group := range h.Groups {
			names = append(names, "@"+group)
		}
	}
	return completions(names, typed), nothing | cobra.ShellCompDirectiveNoSpace
}

// completions completes the last name of an expression.
func completions(names []string, typed string) []string {
	start := strings.LastIndexAny(typed, " ,&|!(") + 1
	var found []string
	seen := map[string]bool{}
	for _, name := range names {
		if strings.HasPrefix(name, typed[start:]) && !seen[name] {
			seen[name] = true
			found = append(found, typed[:start]+name)
		}
	}
	return found
}

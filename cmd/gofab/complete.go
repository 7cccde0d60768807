package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"gofab/runtime/event"
	"gofab/runtime/run"
)

// completeTask completes the words after gofab: files, and the tasks of the
// fabfile with their flags.
func (a *app) completeTask(_ *cobra.Command, words []string, prefix string) ([]string, cobra.ShellCompDirective) {
	file, _, err := a.locate(words)
	if err != nil || file == "" {
		return []string{"lua"}, cobra.ShellCompDirectiveFilterFileExt
	}
	o, err := a.options()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	o.Verbosity = event.Quiet
	r, err := run.Open(context.Background(), o)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	defer r.Close()
	if r.Load(file, nil) != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var found []string
	for _, t := range r.Tasks.All() {
		if !t.Hidden && strings.HasPrefix(t.Name, prefix) {
			found = append(found, t.Name+"\t"+t.Doc)
		}
	}
	return found, cobra.ShellCompDirectiveDefault
}

package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/task"
)

// completeTask completes the words after gofab: files, and the tasks of the
// fabfile with their flags.
func (a *app) completeTask(cmd *cobra.Command, words []string, prefix string) ([]string, cobra.ShellCompDirective) {
	file, rest, err := a.locate(words)
	if err != nil || file == "" {
		return []string{"lua"}, cobra.ShellCompDirectiveFilterFileExt
	}
	o, err := a.options(cmd.Flags())
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
	if len(rest) > 0 && strings.HasPrefix(prefix, "-") {
		return completeFlag(r.Tasks, rest, prefix), cobra.ShellCompDirectiveDefault
	}
	var found []string
	for _, t := range r.Tasks.All() {
		if !t.Hidden && strings.HasPrefix(t.Name, prefix) {
			found = append(found, t.Name+"\t"+t.Doc)
		}
	}
	return found, cobra.ShellCompDirectiveDefault
}

// completeFlag completes a flag of the last task among the words.
func completeFlag(set *task.Set, words []string, prefix string) []string {
	var found []string
	for _, word := range slices.Backward(words) {
		t, err := set.Find(word)
		if err != nil {
			continue
		}
		for i := range t.Args {
			if flag := "--" + t.Args[i].Flag(); strings.HasPrefix(flag, prefix) {
				found = append(found, flag+"\t"+t.Args[i].Doc)
			}
		}
		break
	}
	return found
}

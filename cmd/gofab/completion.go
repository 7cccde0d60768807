package main

import (
	_ "embed"
	"fmt"

	"github.com/spf13/cobra"
)

//go:embed completion.bash
var bashCompletion string

// completionCommand is cobra's, with a script for bash that works without the
// package bash-completion and with names such as @web.
func (a *app) completionCommand(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	bash, _, err := root.Find([]string{"completion", "bash"})
	if err != nil {
		return
	}
	bash.Long = "Print the completion of gofab for bash, which needs nothing else.\n\n" +
		"For this shell:\n\n\tsource <(gofab completion bash)\n\n" +
		"For each new one: put that line into ~/.bashrc."
	bash.RunE = func(*cobra.Command, []string) error {
		_, err := fmt.Fprint(a.world.Out, bashCompletion)
		return err
	}
}

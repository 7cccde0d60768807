package main

import "github.com/spf13/cobra"

// documentation gives the commands that explain: doc and init.
func (a *app) documentation() []*cobra.Command { return nil }

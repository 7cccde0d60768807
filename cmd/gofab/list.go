package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/runtime/run"
	"gofab/runtime/task"
)

func (a *app) listCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "list [FILE]", Short: "List the tasks of a fabfile", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			file, _, err := a.locate(words)
			if err != nil {
				return err
			}
			if file == "" {
				return fault.New(fault.Usage, "no %s here or above", Fabfile).WithHint("gofab list FILE")
			}
			r, err := a.begin(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			if err := r.Load(file, nil); err != nil {
				return a.finish(r, nil, err)
			}
			return a.printTasks(r, file, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	a.runFlags(c.Flags())
	return c
}

func (a *app) printTasks(r *run.Run, file, format string) error {
	switch format {
	case "json":
		return a.printTasksJSON(r)
	case "text":
		_ = r.Flush()
		return a.printTasksText(r.Tasks, file)
	default:
		return fault.New(fault.Usage, "--format %s: not one of text, json", format)
	}
}

func (a *app) printTasksText(set *task.Set, file string) error {
	if len(set.All()) == 0 {
		fmt.Fprintf(a.world.Out, "%s declares no tasks\n", file)
		return nil
	}
	fmt.Fprintf(a.world.Out, "Tasks of %s:\n\n", file)
	t := tabwriter.NewWriter(a.world.Out, 0, 8, 3, ' ', 0)
	for _, one := range set.All() {
		if one.Hidden {
			continue
		}
		name := one.Name
		if one == set.Default() {
			name += " (default)"
		}
		where := one.Hosts
		if where == "" {
			where = "here"
		}
		if one.Doc != "" {
			where += "\t" + one.Doc // no blanks at the end of a line
		}
		fmt.Fprintf(t, "  %s\t%s\n", name, where)
	}
	return t.Flush()
}

// The JSON form of gofab list.
type taskJSON struct {
	Name    string    `json:"name"`
	Doc     string    `json:"doc"`
	Hosts   string    `json:"hosts"`
	Default bool      `json:"default"`
	Aliases []string  `json:"aliases"`
	Needs   []string  `json:"needs"`
	Post    []string  `json:"post"`
	Args    []argJSON `json:"args"`
	Where   string    `json:"where"`
}

type argJSON struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Doc        string   `json:"doc"`
	Required   bool     `json:"required"`
	Default    any      `json:"default,omitempty"`
	Positional int      `json:"positional,omitempty"`
	Rest       bool     `json:"rest,omitempty"`
	Short      string   `json:"short,omitempty"`
	Choices    []string `json:"choices,omitempty"`
}

func (a *app) printTasksJSON(r *run.Run) error {
	list := []taskJSON{}
	for _, t := range r.Tasks.All() {
		if t.Hidden {
			continue
		}
		one := taskJSON{
			Name: t.Name, Doc: t.Doc, Hosts: t.Hosts, Default: t == r.Tasks.Default(),
			Aliases: orEmpty(t.Aliases), Needs: t.Needs.Names(), Post: t.Post.Names(), Args: []argJSON{}, Where: t.Where,
		}
		for _, x := range t.Args {
			one.Args = append(one.Args, argJSON{x.Name, x.Type, x.Doc, x.Required, x.Default, x.Positional, x.Rest, x.Short, x.Choices})
		}
		list = append(list, one)
	}
	e := json.NewEncoder(a.world.Out)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

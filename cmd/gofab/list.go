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
	var depth int
	c := &cobra.Command{
		Use: "list [FILE]", Short: "List the tasks of a fabfile", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			if output, more := a.flags.output.standard(); output == run.JSON && !more {
				format, a.flags.output.formats = output, nil // the list is what was asked for, not a report
			}
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
			return a.printTasks(r, file, listFormat(format, depth), depth)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text; nested, by namespace; json, a list; or tree, JSON by namespace")
	c.Flags().IntVar(&depth, "depth", 0, "show this many levels of namespaces, and of the deeper ones how many tasks they have")
	a.runFlags(c.Flags())
	return c
}

// listFormat is text unless something else is asked for; a depth needs levels.
func listFormat(format string, depth int) string {
	if depth > 0 && format == "text" {
		return "nested"
	}
	return format
}

func (a *app) printTasks(r *run.Run, file, format string, depth int) error {
	_ = r.Flush()
	switch format {
	case "json":
		return a.printTasksJSON(r)
	case "tree":
		return a.printTree(r.Tasks)
	case "text":
		return a.printTasksText(r.Tasks, file)
	case "nested":
		return a.printNested(r.Tasks, file, depth)
	default:
		return fault.New(fault.Usage, "--format %s: not one of text, nested, json, tree", format)
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
		where := whereOf(one.Hosts)
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
		list = append(list, jsonTask(t, r.Tasks))
	}
	e := json.NewEncoder(a.world.Out)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func jsonTask(t *task.Task, set *task.Set) taskJSON {
	one := taskJSON{
		Name: t.Name, Doc: t.Doc, Hosts: t.Hosts, Default: t == set.Default(),
		Aliases: orEmpty(t.Aliases), Needs: orEmpty(t.Needs.Names()), Post: orEmpty(t.Post.Names()), Args: []argJSON{}, Where: t.Where,
	}
	for _, x := range t.Args {
		one.Args = append(one.Args, argJSON{x.Name, x.Type, x.Doc, x.Required, x.Default, x.Positional, x.Rest, x.Short, x.Choices})
	}
	return one
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v3"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/secret"
	"gofab/internal/termsafe"
	"gofab/runtime/inventory"
	"gofab/runtime/run"
)

func (i *inventoryCommand) printJSON(value any) error {
	text, err := kit.ToJSON(value, 2)
	if err == nil {
		_, err = fmt.Fprintln(i.world.Out, string(text))
	}
	return err
}

func (i *inventoryCommand) printYAML(value any) error {
	data, err := kit.Data(value)
	if err != nil {
		return err
	}
	e := yaml.NewEncoder(i.world.Out)
	e.SetIndent(2)
	if err := e.Encode(data); err != nil {
		return fault.From(err)
	}
	return e.Close()
}

// printTree shows groups with those inside them, and the hosts without one.
func (i *inventoryCommand) printTree(v *inventory.View) error {
	t := tabwriter.NewWriter(i.world.Out, 0, 8, 3, ' ', 0)
	inside := map[string]bool{}
	for _, g := range v.Groups {
		for _, child := range g.Children {
			inside[child] = true
		}
	}
	for _, g := range v.Groups {
		if !inside[g.Name] {
			printGroup(t, v, g.Name, 0)
		}
	}
	var alone []string
	for _, h := range v.Hosts {
		if len(h.Groups) == 0 {
			alone = append(alone, h.Name)
		}
	}
	if len(alone) > 0 {
		fmt.Fprintf(t, "(no group)\t%s\n", fold(alone))
	}
	fmt.Fprintf(t, "\n%s in %s\n", count(len(v.Hosts), "host"), count(len(v.Groups), "group"))
	return t.Flush()
}

func printGroup(t *tabwriter.Writer, v *inventory.View, name string, depth int) {
	g := v.Group(name)
	fmt.Fprint(t, strings.Repeat("  ", depth), "@", g.Name)
	if len(g.Hosts) > 0 {
		fmt.Fprint(t, "\t", fold(g.Hosts))
	}
	fmt.Fprintln(t)
	for _, child := range g.Children {
		printGroup(t, v, child, depth+1)
	}
}

func fold(names []string) string { return termsafe.Line(hostrange.Fold(names)) }

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// printHost shows what holds for one host.
func (i *inventoryCommand) printHost(h *inventory.Host) error {
	t := tabwriter.NewWriter(i.world.Out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(t, title(h))
	for _, name := range inventory.Settings {
		if value := h.Setting(name); value != nil && value != false {
			fmt.Fprintf(t, "  %s\t%s\n", name, shownValue(value))
		}
	}
	if len(h.Vars) > 0 {
		fmt.Fprintln(t, "variables")
	}
	for _, name := range slices.Sorted(maps.Keys(h.Vars)) {
		fmt.Fprintf(t, "  %s\t%s\n", termsafe.Line(name), shownValue(h.Vars[name]))
	}
	if h.Problem != nil {
		fmt.Fprintf(t, "it cannot be reached: %s\n", termsafe.Line(h.Problem.Error()))
	}
	return t.Flush()
}

func title(h *inventory.Host) string {
	groups := ""
	for _, name := range h.Groups {
		groups += " @" + name
	}
	return termsafe.Line(h.Name + cmp.Or(groups, " (no group)"))
}

func shownValue(value any) string { return termsafe.Line(inventory.Shown(value)) }

// explained is a host with where its values are from, for -o json and yaml.
type explained struct {
	Host   string                `lua:"host" doc:"Name."`
	Values []inventory.Explained `lua:"values" doc:"Settings and variables."`
}

func (i *inventoryCommand) explainAll(r *run.Run, hosts []*inventory.Host) error {
	var all []explained
	for n, h := range hosts {
		list, err := r.Explain(r.Context, h)
		if err != nil {
			return err
		}
		if i.format == "text" {
			if n > 0 {
				fmt.Fprintln(i.world.Out)
			}
			if err := i.printExplained(h, list); err != nil {
				return err
			}
			continue
		}
		all = append(all, explained{h.Name, hideSecrets(list)})
	}
	if i.format == "text" {
		return nil
	}
	text, err := kit.ResultJSON(all, 2)
	if err != nil {
		return err
	}
	if i.format != "yaml" {
		_, err = fmt.Fprintln(i.world.Out, string(text))
		return err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return fault.From(err)
	}
	return i.printYAML(value)
}

func hideSecrets(list []inventory.Explained) []inventory.Explained {
	hide := func(value any) any {
		if _, hidden := value.(secret.Value); hidden {
			return inventory.Shown(value)
		}
		return value
	}
	for i := range list {
		list[i].Value = hide(list[i].Value)
		for j := range list[i].Over {
			list[i].Over[j].Value = hide(list[i].Over[j].Value)
		}
	}
	return list
}

// printExplained shows each value with its place, and below it what it
// overrode.
func (i *inventoryCommand) printExplained(h *inventory.Host, list []inventory.Explained) error {
	t := tabwriter.NewWriter(i.world.Out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(t, title(h))
	section := ""
	for _, e := range list {
		if now := map[bool]string{true: "settings", false: "variables"}[e.Setting]; now != section {
			section = now
			fmt.Fprintln(t, section)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", termsafe.Line(e.Name), shownValue(e.Value), origin(e.By, e.Where))
		for _, over := range e.Over {
			fmt.Fprintf(t, "  \t%s\t%s\n", shownValue(over.Value), "over "+origin(over.By, over.Where))
		}
	}
	if h.Problem != nil {
		fmt.Fprintf(t, "it cannot be reached: %s\n", termsafe.Line(h.Problem.Error()))
	}
	return t.Flush()
}

// origin is who says a value, and where.
func origin(by, place string) string {
	if place == "" {
		return termsafe.Line(by)
	}
	return termsafe.Line(by + ", " + place)
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/runtime/config"
)

func (a *app) configCommand() *cobra.Command {
	var o configOptions
	c := &cobra.Command{
		Use:   "config [KEY]...",
		Short: "Show the settings and where they are from",
		Long: `Show what the settings are. Each option of a run has a key: --forks is forks,
--connect-timeout is connect.timeout. What counts is, from the lowest:

  built-in      what gofab brings
  system        /etc/gofab/config.toml, or below a folder of $XDG_CONFIG_DIRS
  user          ~/.config/gofab/config.toml
  project       gofab.toml beside the fabfile or above
  environment   $GOFAB_FORKS, $GOFAB_CONNECT_TIMEOUT
  file          --config FILE, or $GOFAB_CONFIG
  flags         what was typed
  code          config.set in the fabfile; --load FILE runs one to see that

Files may be .toml, .yaml or .json. Values of your own are in the table vars,
and aliases names words that are typed often: d = "deploy --tag x".`,
		RunE: func(cmd *cobra.Command, keys []string) error { return a.showConfig(cmd, keys, o) },
	}
	a.runFlags(c.Flags())
	c.Flags().BoolVar(&o.explain, "explain", false, "show what each layer says, the one that counts first")
	c.Flags().BoolVar(&o.all, "all", false, "show settings that nobody has set as well")
	c.Flags().StringVar(&o.format, "format", "text", "text or json")
	c.Flags().StringVar(&o.load, "load", "", "run this fabfile first, to see what it sets")
	return c
}

type configOptions struct {
	explain, all bool
	format, load string
}

func (a *app) showConfig(cmd *cobra.Command, keys []string, o configOptions) error {
	if o.format != "text" && o.format != "json" {
		return fault.New(fault.Usage, "--format %s: not one of text, json", o.format)
	}
	a.script = findFabfile(a.world.Dir())
	if o.load != "" {
		if err := a.loadConfig(cmd, o.load); err != nil {
			return err
		}
	} else if _, err := a.options(cmd.Flags()); err != nil {
		return err
	}
	paths, err := a.configPaths(keys, o.all)
	if err != nil {
		return err
	}
	settings, err := a.explained(paths)
	if err != nil {
		return err
	}
	if o.format == "json" {
		e := json.NewEncoder(a.world.Out)
		e.SetIndent("", "  ")
		return e.Encode(settings)
	}
	printSettings(a.world.Out, settings, o.explain)
	return nil
}

// loadConfig runs a fabfile for what it sets.
func (a *app) loadConfig(cmd *cobra.Command, file string) error {
	a.script = file
	if err := a.readable(file); err != nil {
		return err
	}
	r, err := a.begin(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	err = r.Load(file, nil)
	if err != nil {
		return a.finish(r, nil, err)
	}
	return r.Flush()
}

// configPaths lists what is to be shown: the keys that were named and all below
// them, or what somebody has set.
func (a *app) configPaths(keys []string, all bool) ([]string, error) {
	var paths []string
	for _, path := range a.settings.Paths() {
		values, err := a.settings.Explain(path)
		if err != nil {
			return nil, err
		}
		if len(keys) == 0 && (all || len(values) > 0 && values[0].Layer != config.BuiltIn) {
			paths = append(paths, path)
		}
		for _, key := range keys {
			if path == key || strings.HasPrefix(path, key+".") {
				paths = append(paths, path)
			}
		}
	}
	for _, key := range keys {
		if _, _, err := a.settings.Get(key); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(paths, func(p string) bool { return p == key || strings.HasPrefix(p, key+".") }) {
			return nil, fault.New(fault.NotFound, "nobody has set %s", key)
		}
	}
	return slices.Compact(paths), nil
}

// setting is a key with what the layers say, the one that counts first. It is
// the JSON form of gofab config.
type setting struct {
	Key    string         `json:"key"`
	Doc    string         `json:"doc,omitempty"`
	Value  any            `json:"value"`
	Layers []settingLayer `json:"layers"`
}

type settingLayer struct {
	Layer string `json:"layer"`
	Where string `json:"where,omitempty"`
	Value any    `json:"value"`
}

func (a *app) explained(paths []string) ([]setting, error) {
	docs := map[string]string{}
	for _, k := range a.settings.Keys() {
		docs[k.Name] = k.Doc
	}
	settings := []setting{}
	for _, path := range paths {
		values, err := a.settings.Explain(path)
		if err != nil {
			return nil, err
		}
		one := setting{Key: path, Doc: docs[path], Layers: []settingLayer{}}
		for _, v := range values {
			one.Layers = append(one.Layers, settingLayer(v))
		}
		if len(values) > 0 {
			one.Value = values[0].Value
		}
		settings = append(settings, one)
	}
	return settings, nil
}

func printSettings(out io.Writer, settings []setting, explain bool) {
	if len(settings) == 0 {
		fmt.Fprintln(out, "all settings are as built in; gofab config --all lists them")
	}
	width := 0
	for _, s := range settings {
		width = max(width, len(s.Key)+3+len(config.Show(s.Value)))
	}
	for _, s := range settings {
		line := termsafe.Line(s.Key + " = " + config.Show(s.Value))
		if explain {
			fmt.Fprintln(out, line)
			printLayers(out, s.Layers)
		} else if len(s.Layers) == 0 || s.Layers[0].Where == "" {
			fmt.Fprintln(out, line)
		} else {
			fmt.Fprintf(out, "%-*s   %s\n", width, line, termsafe.Line(s.Layers[0].Where))
		}
	}
}

func printLayers(out io.Writer, layers []settingLayer) {
	width := 0
	for _, l := range layers {
		width = max(width, len(config.Show(l.Value)))
	}
	for _, l := range layers {
		line := fmt.Sprintf("    %-12s %-*s  %s", l.Layer, width, termsafe.Line(config.Show(l.Value)), termsafe.Line(l.Where))
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

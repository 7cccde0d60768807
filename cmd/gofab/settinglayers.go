package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/runtime/config"
	"gofab/runtime/run"
	"gofab/runtime/task"
)

// configure reads all layers and gives the flags that were not typed what the
// layers say. A set of flags that is not one of a run stays as it is.
func (a *app) configure(set *pflag.FlagSet) error {
	if !slices.Contains(a.runSets, set) {
		return nil
	}
	keys := settingKeys()
	known := make([]config.Key, len(keys))
	for i, k := range keys {
		known[i] = k.Key
	}
	a.settings = config.New(known)
	if err := a.layers(); err != nil {
		return err
	}
	given := a.settings.Given(config.System, config.User, config.Project, config.Env, config.File)
	for _, k := range keys {
		f := set.Lookup(k.flag)
		if f.Changed {
			a.settings.SetFlag(k.Name, "--"+k.flag, valueOfFlag(f))
		} else if v, ok := given[k.Name]; ok {
			if err := setFlag(f, v.Value); err != nil {
				return fault.New(fault.Usage, "%s: %s: %v", v.Where, k.Name, err)
			}
		}
	}
	return nil
}

// layers reads the files and the environment, the lowest layer first.
func (a *app) layers() error {
	system, err := a.systemFile()
	if err != nil {
		return err
	}
	user, err := config.Find(filepath.Join(a.configHome(), "gofab"), "config")
	if err != nil {
		return err
	}
	dir := a.world.Dir()
	if a.script != "" {
		if dir, err = filepath.Abs(filepath.Dir(a.script)); err != nil {
			return fault.From(err)
		}
	}
	project, err := config.FindUp(dir, "gofab")
	if err != nil {
		return err
	}
	named := a.flags.config.file
	if named == "" {
		named = a.world.Env(config.EnvPrefix + "CONFIG")
	}
	for _, file := range []struct{ layer, path string }{{config.System, system}, {config.User, user}, {config.Project, project}} {
		if file.path == "" {
			continue
		}
		if err := a.settings.AddFile(file.layer, a.short(file.path)); err != nil {
			return err
		}
	}
	if named != "" {
		if err := a.settings.AddFile(config.File, named); err != nil {
			return err
		}
	}
	return a.settings.AddEnv(a.world.Environ()) // its values take their types from the files
}

// systemFile is the settings of this machine.
func (a *app) systemFile() (string, error) {
	dirs := filepath.SplitList(a.world.Env("XDG_CONFIG_DIRS"))
	for i := range dirs {
		dirs[i] = filepath.Join(dirs[i], "gofab")
	}
	for _, dir := range append(dirs, "/etc/gofab") {
		if path, err := config.Find(dir, "config"); path != "" || err != nil {
			return path, err
		}
	}
	return "", nil
}

func (a *app) configHome() string {
	if dir := a.world.Env("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(a.world.Home(), ".config")
}

// short is a path as people write it from here.
func (a *app) short(path string) string {
	if rel, err := filepath.Rel(a.world.Dir(), path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// adjust has what a script has set take effect.
func (a *app) adjust(r *run.Run) error {
	given := a.settings.Given(config.Code)
	set := a.current()
	for _, k := range settingKeys() {
		if v, ok := given[k.Name]; ok && v.Layer == config.Code {
			if err := setFlag(set.Lookup(k.flag), v.Value); err != nil {
				return fault.New(fault.Usage, "%s: %v", k.Name, err)
			}
		}
	}
	o := run.Options{World: a.world}
	for _, g := range a.flags.groups() {
		if err := g.apply(&o); err != nil {
			return err
		}
	}
	r.Adopt(o)
	return nil
}

// current is a set of the options of a run; all of them share their values.
func (a *app) current() *pflag.FlagSet { return a.runSets[0] }

// expand replaces an alias of the settings by the words that it stands for. A
// task of that name comes first.
func (a *app) expand(set *task.Set, words []string) []string {
	if len(words) == 0 || a.settings == nil || strings.Contains(words[0], ".") {
		return words
	}
	if _, err := set.Find(words[0]); err == nil {
		return words
	}
	text, _, _ := a.settings.Get(config.Aliases + "." + words[0])
	alias, _ := text.(string)
	if alias == "" {
		return words
	}
	return append(strings.Fields(alias), words[1:]...)
}

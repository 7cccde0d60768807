package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gofab/internal/datafile"
	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// suffixes of the files that are read.
var suffixes = []string{".toml", ".yaml", ".yml", ".json"}

// maxFile bounds a file of settings.
const maxFile = 1 << 20

// Find gives the file of settings that a folder has, "" when there is none.
// Two of them are an error.
func Find(dir, name string) (string, error) {
	var found []string
	for _, suffix := range suffixes {
		path := filepath.Join(dir, name+suffix)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			found = append(found, path)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	}
	return "", fault.New(fault.Usage, "there are %s: which one counts?", strings.Join(found, " and ")).WithHint("keep one of them")
}

// FindUp looks in a folder and those above it.
func FindUp(dir, name string) (string, error) {
	for {
		path, err := Find(dir, name)
		up := filepath.Dir(dir)
		if path != "" || err != nil || up == dir {
			return path, err
		}
		dir = up
	}
}

// AddFile reads a file into a layer.
func (c *Config) AddFile(layer, path string) error {
	format := datafile.FormatOf(path)
	if format == "" || format == datafile.CSV {
		return fault.New(fault.Usage, "%s: not a file of settings", path).WithHint("its name ends in .toml, .yaml or .json")
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.Usage, "no such file: %s", path)
	case err != nil:
		return fault.OS(err, "cannot read the settings")
	case len(text) > maxFile:
		return fault.New(fault.Usage, "%s: %d bytes are too many for settings", path, len(text))
	}
	return c.addText(layer, format, path, text)
}

func (c *Config) addText(layer, format, name string, text []byte) error {
	data, err := datafile.Read(format, name, text)
	if err != nil {
		return err
	}
	if data.Kind != datafile.Map {
		return fault.New(fault.Parse, "%s:1: want a table of settings, got %s", name, data.Describe())
	}
	root := fromFile(data, 1, func(line int) string { return fmt.Sprintf("%s:%d", name, line) })
	if err := c.settle(root, ""); err != nil {
		return err
	}
	return c.add(layer, root)
}

// EnvPrefix begins the variables of the environment that are settings.
const EnvPrefix = "GOFAB_"

// EnvName is the variable of a key: run.timeout is GOFAB_RUN_TIMEOUT.
func EnvName(key string) string {
	return EnvPrefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// AddEnv reads the environment, "NAME=value". The files come first: a variable
// under vars takes the type that the value there has. Other variables that
// begin like settings are left alone unless they look like a misspelt one, and
// an empty one is as good as none.
func (c *Config) AddEnv(environ []string) error {
	names, err := c.envNames()
	if err != nil {
		return err
	}
	root := &node{table: map[string]*node{}}
	for _, pair := range slices.Sorted(slices.Values(environ)) {
		name, text, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, EnvPrefix) || name == EnvPrefix+"CONFIG" || text == "" {
			continue
		}
		if err := c.addVariable(root, names, name, text); err != nil {
			return err
		}
	}
	return c.add(Env, root)
}

func (c *Config) addVariable(root *node, names map[string][]string, name, text string) error {
	paths := names[name]
	where := "$" + name
	vars, own := strings.CutPrefix(name, EnvName(Vars)+"_")
	switch {
	case len(paths) > 1:
		return fault.New(fault.Usage, "%s: it may mean %s", where, strings.Join(paths, " or ")).WithHint("set it in a file, or with --config")
	case len(paths) == 1:
		value, err := c.typed(paths[0], where, text)
		if err == nil {
			root.put(strings.Split(paths[0], "."), &node{where: where, value: value})
		}
		return err
	case own && vars != "":
		root.put([]string{Vars, strings.ToLower(vars)}, &node{where: where, value: text})
		return nil
	}
	if near := meantVariable(name, names); near != "" {
		return fault.New(fault.Usage, "%s: there is no such setting (did you mean $%s?)", where, near)
	}
	return nil
}

// meantVariable finds the variable that was meant, as meant does for keys.
func meantVariable(name string, names map[string][]string) string {
	short := strings.TrimPrefix(name, EnvPrefix)
	known := map[string]string{}
	for one, paths := range names {
		known[strings.TrimPrefix(one, EnvPrefix)] = one
		if table, last, nested := strings.Cut(paths[0], "."); nested && table != Vars && EnvName(last) == name {
			return one
		}
	}
	return known[suggest.Nearest(short, slices.Collect(maps.Keys(known)))]
}

// envNames lists the variables that mean something, with what they mean.
func (c *Config) envNames() (map[string][]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := map[string][]string{}
	for key := range c.keys {
		names[EnvName(key)] = append(names[EnvName(key)], key)
	}
	if vars := c.merged().table[Vars]; vars != nil {
		for _, path := range vars.paths(Vars) {
			names[EnvName(path)] = append(names[EnvName(path)], path)
		}
	}
	for _, paths := range names {
		slices.Sort(paths)
	}
	return names, nil
}

// typed reads a text as a known setting, or as what vars has there.
func (c *Config) typed(path, where, text string) (any, error) {
	kind := c.keys[path].Kind
	if _, known := c.keys[path]; !known {
		c.mu.Lock()
		old := c.merged().at(words(path)).plain()
		c.mu.Unlock()
		kind = kindOf(old)
		if _, number := old.(float64); number {
			return number64(where, path, text)
		}
	}
	value, ok := kind.parse(text)
	if !ok {
		return nil, fault.New(fault.Usage, "%s: %s: want %s, got %q", where, path, kind, text)
	}
	return value, nil
}

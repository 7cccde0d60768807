// Package config is what the settings of gofab are, and where each is from.
//
// Rules: a setting has one key, known beforehand with its type; unknown keys
// and values of another type are errors with their place. Layers lie one above
// the other, and the highest that says something of a key counts: tables are
// joined, everything else, lists too, is replaced. What is under "vars" belongs
// to the user and may be anything. Nothing here knows flags or files of a run;
// who does declares the keys and fills the layers.
package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// The layers, the lowest first.
const (
	BuiltIn = "built-in"
	System  = "system"
	User    = "user"
	Project = "project"
	Env     = "environment"
	File    = "file" // --config
	Flags   = "flags"
	Code    = "code"
)

// Layers is the closed list, the lowest first.
var Layers = []string{BuiltIn, System, User, Project, Env, File, Flags, Code}

// Free tables: what is in them is the user's own.
const (
	Vars    = "vars"
	Aliases = "aliases"
)

// Key is one known setting.
type Key struct {
	Name    string // "forks", "run.timeout"
	Kind    Kind
	Doc     string
	Default any
	// Late says that it can be set by a script, when the run has begun.
	Late bool
}

// Value is what one layer says of a key.
type Value struct {
	Layer string
	Where string // "gofab.toml:3", "$GOFAB_FORKS", "--forks"
	Value any
}

// Config is the settings of one run. It is safe for concurrent use.
type Config struct {
	mu     sync.Mutex
	keys   map[string]Key
	roots  map[string]*node
	late   func() error
	closed bool
}

// New makes settings with their defaults.
func New(keys []Key) *Config {
	c := &Config{keys: map[string]Key{}, roots: map[string]*node{}}
	for _, layer := range Layers {
		c.roots[layer] = &node{table: map[string]*node{}}
	}
	for _, k := range keys {
		c.keys[k.Name] = k
		if k.Default != nil {
			c.roots[BuiltIn].put(strings.Split(k.Name, "."), &node{value: k.Default})
		}
	}
	return c
}

// Keys lists the known settings by name.
func (c *Config) Keys() []Key {
	var list []Key
	for _, name := range slices.Sorted(maps.Keys(c.keys)) {
		list = append(list, c.keys[name])
	}
	return list
}

// Get gives what counts: a value, or a table of all that is below the key.
func (c *Config) Get(path string) (any, bool, error) {
	if err := c.check(path); err != nil {
		return nil, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.merged().at(words(path))
	if n == nil {
		return nil, false, nil
	}
	return n.plain(), true, nil
}

// Explain lists what the layers say of a key, the one that counts first.
func (c *Config) Explain(path string) ([]Value, error) {
	if err := c.check(path); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Value
	for _, layer := range slices.Backward(Layers) {
		if n := c.roots[layer].at(words(path)); n != nil && n.table == nil {
			list = append(list, Value{layer, n.where, n.value})
		}
	}
	return list, nil
}

// Given lists the known settings that one of some layers gives, by key: what
// counts among them.
func (c *Config) Given(layers ...string) map[string]Value {
	c.mu.Lock()
	defer c.mu.Unlock()
	given := map[string]Value{}
	for name := range c.keys {
		for _, layer := range slices.Backward(Layers) {
			n := c.roots[layer].at(strings.Split(name, "."))
			if n != nil && slices.Contains(layers, layer) {
				given[name] = Value{layer, n.where, n.value}
				break
			}
		}
	}
	return given
}

// Paths lists the keys of all values that there are, known ones and those under
// the free tables, sorted.
func (c *Config) Paths() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	paths := c.merged().paths("")
	for name := range c.keys {
		if !slices.Contains(paths, name) {
			paths = append(paths, name)
		}
	}
	slices.Sort(paths)
	return paths
}

func words(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}

// check refuses a key that nobody knows.
func (c *Config) check(path string) error {
	first, _, _ := strings.Cut(path, ".")
	if path == "" || first == Vars || first == Aliases {
		return nil
	}
	for name := range c.keys {
		if name == path || strings.HasPrefix(name, path+".") {
			return nil
		}
	}
	return c.unknown(path)
}

func (c *Config) unknown(path string) error {
	e := fault.New(fault.Usage, "there is no setting %q", path)
	if near := c.meant(path); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
		return e
	}
	return e.WithHint("gofab config lists the settings; values of your own belong into the table vars")
}

// meant finds the key that was meant: one that is written nearly so, or that is
// in a table of its own.
func (c *Config) meant(path string) string {
	names := []string{Vars, Aliases}
	for _, name := range slices.Sorted(maps.Keys(c.keys)) {
		table, last, nested := strings.Cut(name, ".")
		if nested && last == path {
			return name
		}
		names = append(names, name)
		if nested {
			names = append(names, table)
		}
	}
	return suggest.Nearest(path, names)
}

package config

import (
	"strconv"
	"strings"

	"gofab/internal/fault"
)

func kindOf(value any) Kind {
	switch value.(type) {
	case bool:
		return Switch
	case []any:
		return List
	default:
		return Text
	}
}

func number64(where, path, text string) (any, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %s: want a number, got %q", where, path, text)
	}
	return n, nil
}

// SetFlag notes what the command line says of a key.
func (c *Config) SetFlag(key, flag string, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roots[Flags].put(strings.Split(key, "."), &node{where: flag, value: value})
}

// Late is called when a script has set known keys, to have them take effect.
func (c *Config) Late(apply func() error) { c.late = apply }

// Close ends the time in which a script can set known keys: the work has begun.
func (c *Config) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

// Set is a script that sets a key, or a table of them with the key "". What
// cannot take effect any more is an error, and then nothing is set.
func (c *Config) Set(key string, value any, where string) error {
	root := &node{where: where, table: map[string]*node{}}
	if key == "" {
		root = fromData(value, where)
		if root.table == nil {
			return fault.New(fault.Usage, "want a key and a value, or a table of settings")
		}
	} else {
		root.put(strings.Split(key, "."), fromData(value, where))
	}
	if err := c.settle(root, ""); err != nil {
		return placed(err, where)
	}
	known := false
	for _, path := range root.paths("") {
		k, isKnown := c.keys[path]
		known = known || isKnown
		if err := c.settable(k, isKnown); err != nil {
			return err
		}
	}
	before := c.roots[Code]
	if err := c.add(Code, root); err != nil {
		return placed(err, where)
	}
	if !known || c.late == nil {
		return nil
	}
	if err := c.late(); err != nil {
		c.mu.Lock()
		c.roots[Code] = before
		c.mu.Unlock()
		return err
	}
	return nil
}

// placed leaves the place out of a message that has it already.
func placed(err error, where string) error {
	e := *fault.From(err)
	e.Message = strings.TrimPrefix(e.Message, where+": ")
	return &e
}

func (c *Config) settable(k Key, known bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !known:
		return nil
	case !k.Late:
		return fault.New(fault.Usage, "%s is settled before a script is read", k.Name).
			WithHint("set it in gofab.toml beside the script, or as %s", EnvName(k.Name))
	case c.closed:
		return fault.New(fault.Usage, "%s cannot be set any more: the tasks have begun", k.Name).
			WithHint("set it at the top of the script")
	}
	return nil
}

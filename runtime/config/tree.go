package config

import (
	"maps"
	"slices"

	"gofab/internal/datafile"
	"gofab/internal/fault"
)

// node is a value with its place, or a table of nodes.
type node struct {
	where string
	value any              // of a leaf
	table map[string]*node // nil for a leaf
}

// at finds what is under a path, nil when there is nothing.
func (n *node) at(path []string) *node {
	for _, word := range path {
		if n == nil {
			return nil
		}
		n = n.table[word]
	}
	return n
}

// put sets what is under a path, in the place of what was there.
func (n *node) put(path []string, to *node) {
	for _, word := range path[:len(path)-1] {
		next := n.table[word]
		if next == nil || next.table == nil {
			next = &node{where: to.where, table: map[string]*node{}}
			n.table[word] = next
		}
		n = next
	}
	n.table[path[len(path)-1]] = to
}

// over gives what counts when upper lies above n. Neither is changed.
func (n *node) over(upper *node) *node {
	if n == nil || n.table == nil || upper.table == nil {
		return upper
	}
	both := &node{where: upper.where, table: maps.Clone(n.table)}
	for name, one := range upper.table {
		both.table[name] = n.table[name].over(one)
	}
	return both
}

// merged is all layers, one above the other. It needs the lock.
func (c *Config) merged() *node {
	var all *node
	for _, layer := range Layers {
		all = all.over(c.roots[layer])
	}
	return all
}

// add lays a table over what a layer says already. A table where a lower layer
// has a value, or the other way, is an error: it is not clear what is meant.
func (c *Config) add(layer string, root *node) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := agree(c.merged(), root, ""); err != nil {
		return err
	}
	c.roots[layer] = c.roots[layer].over(root)
	return nil
}

func agree(lower, upper *node, path string) error {
	if lower == nil {
		return nil
	}
	if (lower.table == nil) != (upper.table == nil) {
		what := [2]string{"a value", "a table"}
		if upper.table == nil {
			what = [2]string{"a table", "a value"}
		}
		return fault.New(fault.Usage, "%s: %s is %s here and %s at %s", upper.where, path, what[1], what[0], lower.where)
	}
	for _, name := range slices.Sorted(maps.Keys(upper.table)) {
		if err := agree(lower.table[name], upper.table[name], join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// plain gives the value without places.
func (n *node) plain() any {
	if n.table == nil {
		return n.value
	}
	out := make(map[string]any, len(n.table))
	for name, one := range n.table {
		out[name] = one.plain()
	}
	return out
}

// paths lists the keys of all leaves.
func (n *node) paths(path string) []string {
	if n.table == nil {
		return []string{path}
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(n.table)) {
		list = append(list, n.table[name].paths(join(path, name))...)
	}
	return list
}

// fromFile makes a tree of what a file says; where names a line of it.
func fromFile(d *datafile.Node, line int, where func(line int) string) *node {
	n := &node{where: where(line)}
	if d.Kind != datafile.Map {
		n.value = d.Plain()
		return n
	}
	n.table = map[string]*node{}
	for _, f := range d.Fields {
		n.table[f.Name] = fromFile(f.Value, f.Line, where)
	}
	return n
}

// fromData makes a tree of plain data that has one place.
func fromData(value any, where string) *node {
	table, ok := value.(map[string]any)
	if !ok {
		return &node{where: where, value: value}
	}
	n := &node{where: where, table: map[string]*node{}}
	for name, one := range table {
		n.table[name] = fromData(one, where)
	}
	return n
}

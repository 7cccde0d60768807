package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gofab/internal/fault"
	"gofab/internal/luastr"
)

// Kind is the type of a setting.
type Kind string

// The types.
const (
	Text   Kind = "text" // a number is taken as it is written
	Switch Kind = "true or false"
	Whole  Kind = "a whole number"
	List   Kind = "a list of texts" // one text alone is a list as well
	Table  Kind = "a table of texts"
)

// convert gives a value of a file or a script the type of its setting.
func (k Kind) convert(value any) (any, bool) {
	switch k {
	case Switch:
		b, ok := value.(bool)
		return b, ok
	case Whole:
		n, ok := value.(float64)
		return n, ok && n == float64(int64(n))
	case List:
		return texts(value)
	case Table:
		table, ok := value.(map[string]any)
		for name, one := range table {
			text, isText := textOf(one)
			table[name], ok = text, ok && isText
		}
		return table, ok
	default:
		return textOrSwitch(value)
	}
}

// textOrSwitch is a text; flags such as --sandbox may stand alone.
func textOrSwitch(value any) (any, bool) {
	if b, ok := value.(bool); ok {
		return b, true
	}
	return textOf(value)
}

func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64:
		return luastr.NumberText(v), true
	}
	return "", false
}

func texts(value any) (any, bool) {
	if text, ok := textOf(value); ok {
		return []any{text}, true
	}
	list, ok := value.([]any)
	out := make([]any, len(list))
	for i, one := range list {
		text, isText := textOf(one)
		out[i], ok = text, ok && isText
	}
	return out, ok
}

// parse reads a text of the environment as a value of the type.
func (k Kind) parse(text string) (any, bool) {
	switch k {
	case Switch:
		b, err := strconv.ParseBool(text)
		return b, err == nil
	case Whole:
		n, err := strconv.ParseInt(text, 10, 64)
		return float64(n), err == nil
	case List:
		return splitList(text), true
	case Table:
		table := map[string]any{}
		for _, pair := range splitList(text) {
			name, value, ok := strings.Cut(pair.(string), "=")
			if !ok {
				return nil, false
			}
			table[name] = value
		}
		return table, true
	default:
		return text, true
	}
}

func splitList(text string) []any {
	list := []any{}
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}

// settle checks a tree against the known keys and gives its values their types.
func (c *Config) settle(n *node, path string) error {
	first, _, deeper := strings.Cut(path, ".")
	if k, known := c.keys[path]; known {
		return k.settle(n)
	}
	switch {
	case path == Vars && n.table == nil:
		return n.wrong(path, "a table")
	case first == Vars:
		return nil
	case first == Aliases && deeper:
		if _, ok := n.value.(string); !ok {
			return n.wrong(path, "a text: the words that it stands for")
		}
		return nil
	case n.table == nil || path != "" && c.check(path) != nil:
		return n.misplaced(c.check(path), path)
	}
	for name, one := range n.table {
		if err := c.settle(one, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// misplaced says what is wrong with a key; one that is part of others is known,
// and a table.
func (n *node) misplaced(err error, path string) error {
	if err == nil {
		return n.wrong(path, "a table")
	}
	e := *fault.From(err)
	e.Message = n.where + ": " + e.Message
	return &e
}

func (n *node) wrong(path, want string) error {
	return fault.New(fault.Usage, "%s: %s: want %s", n.where, path, want)
}

func (k Key) settle(n *node) error {
	value, ok := k.Kind.convert(n.plain())
	if !ok {
		return fault.New(fault.Usage, "%s: %s: want %s, got %s", n.where, k.Name, k.Kind, shown(n.plain()))
	}
	n.value, n.table = value, nil
	return nil
}

func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case string:
		return strconv.Quote(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	default:
		return fmt.Sprint(v)
	}
}

// Show writes a value as a file of settings has it.
func Show(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case float64:
		return luastr.NumberText(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = Show(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for name := range v {
			parts = append(parts, name+" = "+Show(v[name]))
		}
		slices.Sort(parts)
		return "{ " + strings.Join(parts, ", ") + " }"
	case nil:
		return "nothing"
	default:
		return fmt.Sprint(v)
	}
}

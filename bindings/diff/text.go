package diff

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/difflib"
	"gofab/internal/fault"
	"gofab/internal/machine"
)

// text is one side of a comparison as a script gives it.
type text struct {
	content string
	items   []string // of a list
	file    string
	on      machine.Machine
}

// LuaType names what FromLua takes.
func (t *text) LuaType() string { return "string|string[]|{file: string, on: host?}" }

// FromLua reads a string, a list of strings, or {file =, on =}.
func (t *text) FromLua(value any) error {
	switch v := value.(type) {
	case string:
		t.content = v
		return nil
	case []any:
		t.items = make([]string, len(v))
		for i, item := range v {
			s, ok := item.(string)
			if !ok {
				return fmt.Errorf("[%d]: want string, got %T", i+1, item)
			}
			t.items[i] = s
		}
		return nil
	case map[string]any:
		return t.fromTable(v)
	default:
		return fmt.Errorf("want string, list of lines or {file = path, on = host}")
	}
}

// fromTable reads {file =, on =}; an empty table is an empty list.
func (t *text) fromTable(v map[string]any) error {
	t.items = []string{}
	for key, value := range v {
		var ok bool
		switch key {
		case "file":
			t.file, ok = value.(string)
			t.items = nil
		case "on":
			t.on, ok = value.(machine.Machine)
		default:
			return fmt.Errorf("unknown key %q (file and on are known)", key)
		}
		if !ok {
			return fmt.Errorf("%s: wrong type", key)
		}
	}
	if t.on != nil && t.file == "" {
		return fmt.Errorf("on is given, file is missing")
	}
	return nil
}

// maxFile bounds what is read of one file.
const maxFile = 256 << 20

// string gives the text, reading the file when it is one.
func (t *text) string(c *kit.Call) (string, error) {
	switch {
	case t.items != nil:
		return strings.Join(t.lines(t.items), ""), nil
	case t.file == "":
		return t.content, nil
	case t.on != nil:
		data, err := t.on.ReadFile(c.Context, t.file, maxFile)
		return string(data), err
	default:
		data, err := os.ReadFile(c.Path(t.file))
		if err != nil {
			return "", fault.OS(err, "cannot read %s", t.file)
		}
		return string(data), nil
	}
}

// lines ends the items of a list like lines, when they are bare.
func (t *text) lines(items []string) []string {
	if slices.ContainsFunc(items, func(item string) bool { return strings.HasSuffix(item, "\n") }) {
		return items
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item + "\n"
	}
	return out
}

// name is how the text is called where the script gives no name.
func (t *text) name() string {
	if t.on != nil {
		return t.on.Label() + ":" + t.file
	}
	return t.file
}

// pairArgs are the two sides of a comparison.
type pairArgs struct {
	A text `lua:"a,arg1" doc:"The first text: string, list of lines, or {file = path, on = host}."`
	B text `lua:"b,arg2" doc:"The second text."`
}

// lines gives both sides as lines with their line ends.
func (p *pairArgs) lines(c *kit.Call) (a, b []string, err error) {
	first, err := p.A.string(c)
	if err != nil {
		return nil, nil, err
	}
	second, err := p.B.string(c)
	return difflib.Lines(first), difflib.Lines(second), err
}

// or gives the first text that is not empty.
func or(given, otherwise string) string {
	if given != "" {
		return given
	}
	return otherwise
}

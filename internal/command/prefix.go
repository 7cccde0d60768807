package command

import "fmt"

// Prefixes are shell lines that run before a command. Lua may give one alone.
type Prefixes []string

// LuaType names what FromLua takes.
func (l *Prefixes) LuaType() string { return "string|string[]" }

// FromLua takes a line or a list of lines.
func (l *Prefixes) FromLua(value any) error {
	list, ok := value.([]any)
	if table, empty := value.(map[string]any); !ok && !(empty && len(table) == 0) {
		list = []any{value}
	}
	*l = make(Prefixes, 0, len(list))
	for _, item := range list {
		line, ok := item.(string)
		if !ok {
			return fmt.Errorf("want a line or a list of lines, got %v", item)
		}
		*l = append(*l, line)
	}
	return nil
}

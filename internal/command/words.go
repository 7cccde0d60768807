package command

import (
	"fmt"
	"strconv"

	"gofab/internal/shell"
)

// Words is a command as a script gives it: a line for the shell, or a list of
// a program and its arguments that reach it as they are.
type Words struct {
	Line string
	Args []string
}

// LuaType names what FromLua takes.
func (w *Words) LuaType() string { return "string|(string|number)[]" }

// FromLua takes a string, or a list of strings and numbers such as a port.
func (w *Words) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		w.Line = value
		return nil
	case []any:
		for i, item := range value {
			switch item := item.(type) {
			case string:
				w.Args = append(w.Args, item)
			case float64:
				w.Args = append(w.Args, strconv.FormatFloat(item, 'f', -1, 64))
			default:
				return fmt.Errorf("argument %d: want string or number, got %v", i+1, item)
			}
		}
		return nil
	default:
		return fmt.Errorf(`want a command: a line, or a list such as {"ls", "-l"}`)
	}
}

// Text is the command as a user would type it.
func (w Words) Text() string {
	text, err := shell.Command{Line: w.Line, Args: w.Args}.Text()
	if err != nil {
		return w.Line
	}
	return text
}

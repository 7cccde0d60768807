package command

import (
	"context"
	"fmt"

	"gofab/internal/bytesize"
	"gofab/internal/secret"
	"gofab/internal/shell"
)

// The values of options that Lua may write in several ways.

// Shell is the path of a shell, or NoShell. The zero value is shell.POSIX.
type Shell string

// NoShell sends a line as it is.
const NoShell Shell = "none"

// LuaType names what FromLua takes.
func (s *Shell) LuaType() string { return "string|false" }

// FromLua takes a path or false.
func (s *Shell) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		*s = Shell(value)
	case bool:
		*s = NoShell
		if value {
			*s = shell.POSIX
		}
	default:
		return fmt.Errorf("want the path of a shell or false, got %T", value)
	}
	return nil
}

// Hide is what of a command is not shown.
type Hide string

// The values of Hide; the zero value shows everything.
const (
	HideBoth Hide = "both"
	HideOut  Hide = "out"
	HideErr  Hide = "err"
)

// LuaType names what FromLua takes.
func (h *Hide) LuaType() string { return `boolean|"out"|"err"|"both"` }

// FromLua takes true, false or the name of a stream.
func (h *Hide) FromLua(value any) error {
	switch value {
	case true, "both", "stdout,stderr":
		*h = HideBoth
	case false, "":
		*h = ""
	case "out", "stdout":
		*h = HideOut
	case "err", "stderr":
		*h = HideErr
	default:
		return fmt.Errorf(`want true, false, "out", "err" or "both", got %v`, value)
	}
	return nil
}

// All says that nothing is shown.
func (h Hide) All() bool { return h == HideBoth }

// Hides says that a stream is not shown.
func (h Hide) Hides(stream string) bool {
	return h == HideBoth || h == HideOut && stream == "stdout" || h == HideErr && stream == "stderr"
}

// Size is a number of bytes; Lua gives it as a number or as "10M".
type Size int

// LuaType names what FromLua takes.
func (s *Size) LuaType() string { return "number|string" }

// FromLua takes bytes or "10M".
func (s *Size) FromLua(value any) error {
	switch value := value.(type) {
	case float64:
		if value < 0 || value != float64(int64(value)) {
			return fmt.Errorf("want a whole number of bytes, got %v", value)
		}
		*s = Size(value)
		return nil
	case string:
		n, err := bytesize.Parse(value)
		*s = Size(n)
		return err
	}
	return fmt.Errorf(`want bytes or "10M", got %T`, value)
}

// Input is where standard input comes from.
type Input struct {
	Text     secret.Value
	File     string // on this machine
	Terminal bool   // the operator's
}

// IsZero says that there is none.
func (i Input) IsZero() bool { return i == Input{} }

// LuaType names what FromLua takes.
func (i *Input) LuaType() string { return `string|secret|"terminal"|table` }

// FromLua takes a text, a secret, a file or the terminal.
func (i *Input) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		if i.Terminal = value == "terminal"; !i.Terminal {
			i.Text = secret.New(value)
		}
		return nil
	case secret.Value:
		i.Text = value
		return nil
	}
	file, err := fileOf(value)
	if err != nil {
		return fmt.Errorf(`want a text, a secret, { file = PATH } or "terminal"`)
	}
	i.File = file
	return nil
}

// Output is where standard output goes; the zero value is the result.
type Output struct{ File string }

// LuaType names what FromLua takes.
func (o *Output) LuaType() string { return "table" }

// FromLua takes a file.
func (o *Output) FromLua(value any) (err error) {
	o.File, err = fileOf(value)
	return err
}

// fileOf reads { file = PATH }.
func fileOf(value any) (string, error) {
	table, _ := value.(map[string]any)
	file, ok := table["file"].(string)
	if !ok || file == "" || len(table) != 1 {
		return "", fmt.Errorf("want { file = PATH }")
	}
	return file, nil
}

// caller is a function of a script.
type caller interface {
	Call(ctx context.Context, args ...any) ([]any, error)
}

// Func is a function of a script, or none.
type Func struct{ caller caller }

// IsZero says that there is none.
func (f Func) IsZero() bool { return f.caller == nil }

// LuaType names what FromLua takes.
func (f *Func) LuaType() string { return "function" }

// FromLua takes a function.
func (f *Func) FromLua(value any) error {
	fn, ok := value.(caller)
	if !ok {
		return fmt.Errorf("want a function")
	}
	f.caller = fn
	return nil
}

// Reply is a text, or a function that gives one.
type Reply struct {
	Text secret.Value
	Func Func
}

// LuaType names what FromLua takes.
func (r *Reply) LuaType() string { return "string|secret|function" }

// FromLua takes a text, a secret or a function.
func (r *Reply) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		r.Text = secret.New(value)
		return nil
	case secret.Value:
		r.Text = value
		return nil
	}
	if r.Func.FromLua(value) != nil {
		return fmt.Errorf("want a text, a secret or a function")
	}
	return nil
}

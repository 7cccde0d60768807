package task

import (
	"slices"
	"sort"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// argSpec is one argument as a fabfile writes it: a table, or a default value
// that tells the type.
type argSpec struct{ Arg }

// LuaType names what FromLua takes.
func (s *argSpec) LuaType() string { return "table|string|number|boolean" }

// FromLua reads the declaration.
func (s *argSpec) FromLua(value any) error {
	spec, ok := value.(map[string]any)
	if !ok {
		s.Type, s.Default = typeOf(value), value
		return checkDefault(value)
	}
	s.Required = true
	for key, v := range spec {
		if err := s.option(key, v); err != nil {
			return err
		}
	}
	return s.settle(spec)
}

// option reads one key of the table.
func (s *argSpec) option(key string, v any) error {
	ok := true
	switch key {
	case "doc":
		s.Doc, ok = v.(string)
	case "type":
		s.Type, ok = v.(string)
		if !slices.Contains(ArgTypes, s.Type) {
			return fault.New(fault.Usage, "type %v is not one of %v", v, ArgTypes)
		}
	case "default":
		s.Default, s.Required = v, false
	case "required":
		s.Required, ok = v.(bool)
	case "optional":
		s.Optional, ok = v.(bool)
	case "short":
		s.Short, ok = v.(string)
		ok = ok && len(s.Short) == 1
	case "positional":
		var n float64
		n, ok = v.(float64)
		s.Positional = int(n)
	case "rest":
		s.Rest, ok = v.(bool)
	case "choices":
		s.Choices, ok = stringList(v)
	default:
		return unknownKey(key)
	}
	if !ok {
		return fault.New(fault.Usage, "%s: unexpected %v", key, v)
	}
	return nil
}

// settle works out what was left open.
func (s *argSpec) settle(spec map[string]any) error {
	if s.Type == "" {
		s.Type = String
		if s.Default != nil {
			s.Type = typeOf(s.Default)
		}
	}
	if _, said := spec["required"]; !said && (s.Type == Boolean || s.Type == Count || s.Optional || s.list()) {
		s.Required = false
	}
	if s.Default == nil {
		return nil
	}
	if err := checkDefault(s.Default); err != nil {
		return err
	}
	return s.settleDefault()
}

// settleDefault reads a default that is written as it would be typed, such as
// "30s", and refuses one of another type.
func (s *argSpec) settleDefault() error {
	if text, ok := s.Default.(string); ok && !s.list() {
		value, err := parseValue(s.Type, text)
		if err != nil {
			return fault.New(fault.Usage, "default: %v", err)
		}
		s.Default = value
		return nil
	}
	want := typeOf(s.Default)
	if s.list() && want == List || s.Type == want || want == Number && numeric(s.Type) {
		return nil
	}
	return fault.New(fault.Usage, "default: %v is not a %s", s.Default, s.Type)
}

func numeric(kind string) bool {
	return kind == Integer || kind == Duration || kind == Size || kind == Count
}

// argKeys are the keys of an argument's table.
var argKeys = []string{"doc", "type", "default", "required", "optional", "short", "positional", "rest", "choices"}

func unknownKey(key string) error {
	e := fault.New(fault.Usage, "unknown key %q", key)
	if near := suggest.Nearest(key, argKeys); near != "" {
		e.Message += " (did you mean \"" + near + "\"?)"
	}
	return e
}

func typeOf(value any) string {
	switch value.(type) {
	case bool:
		return Boolean
	case float64:
		return Number
	case []any:
		return List
	default:
		return String
	}
}

func checkDefault(value any) error {
	switch value.(type) {
	case string, float64, bool, []any:
		return nil
	default:
		return fault.New(fault.Usage, "a default is a string, a number, true, false or a list")
	}
}

func stringList(v any) ([]string, bool) {
	list, ok := v.([]any)
	out := make([]string, len(list))
	for i, item := range list {
		s, isString := item.(string)
		out[i], ok = s, ok && isString
	}
	return out, ok
}

// arguments brings the declared arguments into a stable order: positionals
// first, then by name.
func arguments(specs map[string]argSpec) ([]Arg, error) {
	args := make([]Arg, 0, len(specs))
	for name, s := range specs {
		if err := checkName(name); err != nil {
			return nil, err
		}
		s.Name = name
		args = append(args, s.Arg)
	}
	sort.Slice(args, func(i, j int) bool {
		a, b := &args[i], &args[j]
		if (a.Positional > 0) != (b.Positional > 0) {
			return a.Positional > 0
		}
		if a.Positional != b.Positional {
			return a.Positional < b.Positional
		}
		return a.Name < b.Name
	})
	return args, nil
}

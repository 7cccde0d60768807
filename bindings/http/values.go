package http

import (
	"fmt"
	"strconv"

	"gofab/internal/secret"
)

// scalar is a value as a form or a query carries it.
func scalar(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case secret.Value:
		return v.Reveal(), nil
	default:
		return "", fmt.Errorf("want string, number or boolean")
	}
}

// upload is a file of a form.
type upload struct{ path, data, name, mediaType string }

// LuaType names what FromLua takes.
func (u *upload) LuaType() string {
	return "string|{path: string?, data: string?, name: string?, type: string?}"
}

// FromLua reads a path, or a table.
func (u *upload) FromLua(value any) error {
	if path, ok := value.(string); ok {
		u.path = path
		return nil
	}
	table, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("want the path of a file, or { path = } or { data = } with name and type")
	}
	for key, item := range table {
		into, known := map[string]*string{"path": &u.path, "data": &u.data, "name": &u.name, "type": &u.mediaType}[key]
		if !known {
			return fmt.Errorf("unknown key %q (path, data, name and type are known)", key)
		}
		if *into, ok = item.(string); !ok {
			return fmt.Errorf("%s: want string", key)
		}
	}
	if _, hasData := table["data"]; (u.path == "") == !hasData {
		return fmt.Errorf("one of path and data is needed")
	}
	return nil
}

// fileName is the name to send along: data without one takes the field's.
func (u *upload) fileName(field string) string {
	if u.name == "" && u.path == "" {
		return field
	}
	return u.name
}

// statuses is one status or a list.
type statuses []int

// LuaType names what FromLua takes.
func (s *statuses) LuaType() string { return "integer|integer[]" }

// FromLua reads a number or a list of numbers.
func (s *statuses) FromLua(value any) error {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, item := range list {
		n, ok := item.(float64)
		if !ok || n != float64(int(n)) {
			return fmt.Errorf("want a status such as 200, or a list of them")
		}
		*s = append(*s, int(n))
	}
	return nil
}

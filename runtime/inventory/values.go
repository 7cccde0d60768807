package inventory

import (
	"fmt"
	"strconv"

	"gofab/bindings/kit"
	"gofab/internal/datafile"
	"gofab/internal/secret"
)

// scalarText writes a plain value as people do.
func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	default:
		return "", false
	}
}

// shown writes any value on one line; secrets are stars.
func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case string:
		return strconv.Quote(v)
	case secret.Value:
		return "a secret"
	}
	if text, ok := scalarText(value); ok {
		return text
	}
	text, err := kit.ToJSON(value, 0)
	if err != nil {
		return fmt.Sprintf("%T", value)
	}
	return string(text)
}

// nulls makes data for Lua: what is null is absent, or kit.Null in a list.
func nulls(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			if v[i] = nulls(v[i]); v[i] == nil {
				v[i] = kit.Null{}
			}
		}
	case map[string]any:
		for name, item := range v {
			if v[name] = nulls(item); v[name] == nil {
				delete(v, name)
			}
		}
	}
	return value
}

// plain makes data for Lua of a node: what is null is absent, or kit.Null in a
// list.
func plain(n *datafile.Node) any {
	switch n.Kind {
	case datafile.List:
		list := make([]any, len(n.Items))
		for i, item := range n.Items {
			if list[i] = plain(item); list[i] == nil {
				list[i] = kit.Null{}
			}
		}
		return list
	case datafile.Map:
		table := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			if value := plain(f.Value); value != nil {
				table[f.Name] = value
			}
		}
		return table
	default:
		return n.Value
	}
}

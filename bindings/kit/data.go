package kit

import (
	"reflect"

	"gofab/internal/fault"
)

// MarshalJSON and MarshalYAML write an explicit null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }
func (Null) MarshalYAML() (any, error)    { return nil, nil }

// String is how null prints.
func (Null) String() string { return "null" }

var nullClass = Type{Name: "null", Doc: "An explicit null inside data.", goType: nullType}

func init() { nullClass.Declare() }

// Data checks that a value that came from Lua is data all through, fit to be
// written to a file: no functions, no objects. Whole numbers become integers,
// so that they are written without an exponent.
func Data(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, string, Null, int64:
		return v, nil
	case float64:
		if v == float64(int64(v)) && v < maxExact && v > -maxExact {
			return int64(v), nil
		}
		return v, nil
	case []any:
		out := make([]any, len(v))
		for i := range v {
			item, err := Data(v[i])
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			plain, err := Data(item)
			if err != nil {
				return nil, fault.Wrap(fault.Usage, err, "%s", name)
			}
			out[name] = plain
		}
		return out, nil
	default:
		return nil, fault.New(fault.Usage, "a %s is not data", describeGo(value))
	}
}

func describeGo(value any) string {
	t := reflect.TypeOf(value)
	if t == callbackType {
		return "function"
	}
	if name, ok := className(t); ok {
		return name
	}
	return t.String()
}

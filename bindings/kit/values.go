package kit

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"gofab/internal/bytesize"
	"gofab/internal/fault"
	"gofab/internal/machine"
	"gofab/internal/secret"
)

// Size is a number of bytes; Lua gives it as a number or as "10M".
type Size int64

// Unmarshaler is a type that reads itself from plain Go data: nil, bool,
// float64, string, []any, map[string]any, or the Go value of an object.
// LuaType names what it takes, in LuaLS notation.
type Unmarshaler interface {
	FromLua(value any) error
	LuaType() string
}

// Noter is an argument struct that is told the name of each argument that was
// given, so that it can tell a default from the same value given on purpose.
type Noter interface{ Given(name string) }

// Strings is a list of texts; Lua may give one text alone.
type Strings []string

// LuaType names what FromLua takes.
func (s *Strings) LuaType() string { return "string|string[]" }

// FromLua reads a text or a list of texts.
func (s *Strings) FromLua(value any) error {
	list, ok := value.([]any)
	if table, empty := value.(map[string]any); !ok && !(empty && len(table) == 0) {
		list = []any{value}
	}
	*s = make(Strings, 0, len(list))
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return fmt.Errorf("want a string or a list of strings")
		}
		*s = append(*s, text)
	}
	return nil
}

var (
	durationType    = reflect.TypeFor[time.Duration]()
	timeType        = reflect.TypeFor[time.Time]()
	sizeType        = reflect.TypeFor[Size]()
	secretType      = reflect.TypeFor[secret.Value]()
	callbackType    = reflect.TypeFor[Callback]()
	bytesType       = reflect.TypeFor[[]byte]()
	anyType         = reflect.TypeFor[any]()
	errorType       = reflect.TypeFor[error]()
	unmarshalerType = reflect.TypeFor[Unmarshaler]()
	noterType       = reflect.TypeFor[Noter]()
	nullType        = reflect.TypeFor[Null]()
	machineType     = reflect.TypeFor[machine.Machine]()
	functionType    = reflect.TypeFor[Function]()
	iterType        = reflect.TypeFor[Iter]()
	multiType       = reflect.TypeFor[Multi]()
	faultType       = reflect.TypeFor[*fault.Error]()
	noneType        = reflect.TypeFor[None]()
)

// maxExact is the largest whole number that a Lua number holds exactly.
const maxExact = 1 << 53

// parseText reads a default from its tag.
func parseText(text string, into reflect.Value) error {
	switch t := into.Type(); {
	case t == durationType:
		d, err := ParseDuration(text)
		into.SetInt(int64(d))
		return err
	case t == sizeType:
		n, err := ParseSize(text)
		into.SetInt(int64(n))
		return err
	case t.Kind() == reflect.String:
		into.SetString(text)
	case t.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		into.SetBool(b)
		return err
	case into.CanInt():
		n, err := strconv.ParseInt(text, 0, 64)
		into.SetInt(n)
		return err
	case into.CanFloat():
		f, err := strconv.ParseFloat(text, 64)
		into.SetFloat(f)
		return err
	case t == anyType:
		into.Set(reflect.ValueOf(text))
	default:
		if u, ok := into.Addr().Interface().(Unmarshaler); ok {
			return u.FromLua(text)
		}
		return fmt.Errorf("a default for %s cannot be written in a tag", t)
	}
	return nil
}

// ParseDuration reads "30s", "5m", "1h30m", "2d" or plain seconds such as
// "1.5".
func ParseDuration(text string) (time.Duration, error) {
	if secs, err := strconv.ParseFloat(text, 64); err == nil {
		return seconds(secs)
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil {
			return seconds(n * 86400)
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf(`%q is not a duration (want seconds or "30s", "5m", "1h30m")`, text)
	}
	return seconds(d.Seconds())
}

// seconds makes a duration; negative and overlong ones are refused.
func seconds(s float64) (time.Duration, error) {
	if math.IsNaN(s) || s < 0 || s >= math.MaxInt64/1e9 {
		return 0, fmt.Errorf("%v seconds is out of range", s)
	}
	return time.Duration(s * 1e9), nil
}

// ParseSize reads "512", "64K", "10M", "1.5G" or "2T".
func ParseSize(text string) (Size, error) {
	n, err := bytesize.Parse(text)
	return Size(n), err
}

// luaType names a Go type in LuaLS notation.
func luaType(t reflect.Type) string {
	switch {
	case t == durationType || t == sizeType:
		return "number|string"
	case t == timeType:
		return "number"
	case t == secretType:
		return "string|secret"
	case t == callbackType || t == iterType:
		return "function"
	case t == bytesType || t.Kind() == reflect.String:
		return "string"
	case t == anyType || t == nullType:
		return "any"
	case t == errorType:
		return "error"
	case t == machineType:
		return machineClass
	case reflect.PointerTo(t).Implements(unmarshalerType):
		return reflect.New(t).Interface().(Unmarshaler).LuaType()
	}
	return luaKind(t)
}

func luaKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Slice, reflect.Array:
		return luaType(t.Elem()) + "[]"
	case reflect.Map:
		return "table<" + luaType(t.Key()) + ", " + luaType(t.Elem()) + ">"
	case reflect.Pointer:
		if name, ok := className(t); ok {
			return name
		}
		return luaType(t.Elem())
	default:
		if name, ok := className(t); ok {
			return name
		}
		return "table"
	}
}

// machineClass is the class of objects that are a machine.Machine: a binding
// takes "any host" without knowing the runtime's type.
const machineClass = "host"

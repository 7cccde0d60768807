package kit

import (
	"fmt"
	"math"
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/secret"
)

// Decoding of single values: strict, with no silent conversion.

// decode turns one Lua value into a Go value of the type that into has. It is
// strict: no silent conversions.
func decode(L *lua.LState, v lua.LValue, into reflect.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("tables are nested more than %d deep (does one hold itself?)", maxDepth)
	}
	t := into.Type()
	switch {
	case t == durationType:
		return decodeDuration(v, into)
	case t == sizeType:
		return decodeSize(v, into)
	case t == timeType:
		return decodeTime(v, into)
	case t == secretType:
		return decodeSecret(v, into)
	case t == callbackType:
		return decodeCallback(L, v, into)
	case t == anyType:
		return decodeAny(L, v, into, depth)
	case t == machineType:
		return decodeObject(v, into)
	case t == bytesType:
		s, ok := v.(lua.LString)
		into.SetBytes([]byte(s))
		return want(ok, "string", v)
	case into.CanAddr() && reflect.PointerTo(t).Implements(unmarshalerType):
		plain, err := toAny(L, v, depth)
		if err != nil {
			return err
		}
		return into.Addr().Interface().(Unmarshaler).FromLua(plain)
	}
	if _, ok := className(t); ok {
		return decodeObject(v, into)
	}
	return decodeKind(L, v, into, depth)
}

func decodeKind(L *lua.LState, v lua.LValue, into reflect.Value, depth int) error {
	switch into.Kind() {
	case reflect.String:
		s, ok := v.(lua.LString)
		into.SetString(string(s))
		return want(ok, "string", v)
	case reflect.Bool:
		b, ok := v.(lua.LBool)
		into.SetBool(bool(b))
		return want(ok, "boolean", v)
	case reflect.Float32, reflect.Float64:
		n, ok := v.(lua.LNumber)
		into.SetFloat(float64(n))
		return want(ok, "number", v)
	case reflect.Slice:
		return decodeSlice(L, v, into, depth)
	case reflect.Map:
		return decodeMap(L, v, into, depth)
	case reflect.Struct:
		table, ok := v.(*lua.LTable)
		if !ok {
			return want(false, "table", v)
		}
		p := planOf(into.Type(), into.Type().String())
		var given marks
		if err := p.table(L, table, into, &given, depth+1); err != nil {
			return err
		}
		return p.complete(into, given)
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		err := decode(L, v, fresh.Elem(), depth)
		into.Set(fresh)
		return err
	default:
		return decodeInteger(v, into)
	}
}

func decodeInteger(v lua.LValue, into reflect.Value) error {
	n, ok := v.(lua.LNumber)
	if !ok {
		return want(false, "integer", v)
	}
	f := float64(n)
	switch {
	case f != math.Trunc(f) || math.Abs(f) > maxExact:
		return fmt.Errorf("want integer, got %v", f)
	case into.CanInt() && !into.OverflowInt(int64(f)):
		into.SetInt(int64(f))
	case into.CanUint() && f >= 0 && !into.OverflowUint(uint64(f)):
		into.SetUint(uint64(f))
	default:
		return fmt.Errorf("%v is out of range", f)
	}
	return nil
}

func decodeSlice(L *lua.LState, v lua.LValue, into reflect.Value, depth int) error {
	table, ok := v.(*lua.LTable)
	if !ok {
		return want(false, "list", v)
	}
	n, err := listLength(table)
	if err != nil {
		return err
	}
	list := reflect.MakeSlice(into.Type(), n, n)
	for i := range n {
		if err := decode(L, table.RawGetInt(i+1), list.Index(i), depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", i+1, err)
		}
	}
	into.Set(list)
	return nil
}

func decodeMap(L *lua.LState, v lua.LValue, into reflect.Value, depth int) error {
	table, ok := v.(*lua.LTable)
	if !ok {
		return want(false, "table", v)
	}
	out := reflect.MakeMap(into.Type())
	var err error
	table.ForEach(func(k, item lua.LValue) {
		if err != nil {
			return
		}
		key := reflect.New(into.Type().Key()).Elem()
		if err = decode(L, k, key, depth+1); err != nil {
			err = fmt.Errorf("key %s: %w", k.String(), err)
			return
		}
		value := reflect.New(into.Type().Elem()).Elem()
		if err = decode(L, item, value, depth+1); err != nil {
			err = fmt.Errorf("%s: %w", k.String(), err)
			return
		}
		out.SetMapIndex(key, value)
	})
	into.Set(out)
	return err
}

func decodeDuration(v lua.LValue, into reflect.Value) error {
	var d time.Duration
	var err error
	switch v := v.(type) {
	case lua.LNumber:
		d, err = seconds(float64(v))
	case lua.LString:
		d, err = ParseDuration(string(v))
	default:
		return want(false, `duration (seconds or "30s")`, v)
	}
	into.SetInt(int64(d))
	return err
}

func decodeSize(v lua.LValue, into reflect.Value) error {
	switch v := v.(type) {
	case lua.LNumber:
		if v < 0 {
			return fmt.Errorf("%v is out of range", float64(v))
		}
		return decodeInteger(v, into)
	case lua.LString:
		n, err := ParseSize(string(v))
		into.SetInt(int64(n))
		return err
	default:
		return want(false, `size (bytes or "10M")`, v)
	}
}

func decodeTime(v lua.LValue, into reflect.Value) error {
	n, ok := v.(lua.LNumber)
	if !ok || math.IsNaN(float64(n)) || math.Abs(float64(n)) > maxExact {
		return want(false, "time (Unix seconds)", v)
	}
	whole, frac := math.Modf(float64(n))
	into.Set(reflect.ValueOf(time.Unix(int64(whole), int64(frac*1e9))))
	return nil
}

func decodeSecret(v lua.LValue, into reflect.Value) error {
	switch v := v.(type) {
	case lua.LString:
		into.Set(reflect.ValueOf(secret.New(string(v))))
		return nil
	case *lua.LUserData:
		if s, ok := v.Value.(secret.Value); ok {
			into.Set(reflect.ValueOf(s))
			return nil
		}
	}
	return want(false, "string or secret", v)
}

func decodeObject(v lua.LValue, into reflect.Value) error {
	if ud, ok := v.(*lua.LUserData); ok {
		if got := reflect.ValueOf(ud.Value); got.IsValid() && got.Type().AssignableTo(into.Type()) {
			into.Set(got)
			return nil
		}
	}
	return want(false, luaType(into.Type()), v)
}

// want is nil when ok, else what was wanted and what was found.
func want(ok bool, wanted string, got lua.LValue) error {
	if ok {
		return nil
	}
	return fmt.Errorf("want %s, got %s", wanted, describe(got))
}

// describe names a Lua value for a message; short strings are shown.
func describe(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		if len(v) > 40 {
			return "string"
		}
		return fmt.Sprintf("string %q", string(v))
	case lua.LNumber, lua.LBool:
		return v.Type().String() + " " + v.String()
	case *lua.LUserData:
		if name, ok := className(reflect.TypeOf(v.Value)); ok {
			return name
		}
	}
	return v.Type().String()
}

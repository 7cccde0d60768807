package kit

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/suggest"
)

// maxDepth bounds nested tables, so that a table that holds itself is an error
// and not a hang.
const maxDepth = 100

// arguments decodes the Lua stack from index first on into a new struct.
func (p *plan) arguments(L *lua.LState, first int) (reflect.Value, error) {
	out := reflect.New(p.typ).Elem()
	var given marks
	var few [8]lua.LValue // calls rarely have more: no allocation
	args := stackFrom(L, first, few[:0])
	args, err := p.takeLast(L, args, out, &given)
	if err != nil {
		return out, err
	}
	for i, at := range p.positional {
		if len(args) == 0 {
			break
		}
		if p.isOptions(args, at, i == 0) {
			break
		}
		if args[0] != lua.LNil {
			if err := p.set(L, at, args[0], out, &given); err != nil {
				return out, err
			}
		}
		args = args[1:]
	}
	if err := p.remainder(L, args, out, &given); err != nil {
		return out, err
	}
	return out, p.complete(out, given)
}

// marks notes which fields were given, one bit each.
type marks uint64

func (m marks) has(at int) bool { return m&(1<<at) != 0 }
func (m *marks) set(at int)     { *m |= 1 << at }

func stackFrom(L *lua.LState, first int, args []lua.LValue) []lua.LValue {
	for i := first; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	return args
}

// takeLast gives a trailing function to the field that is declared `last`.
func (p *plan) takeLast(L *lua.LState, args []lua.LValue, out reflect.Value, given *marks) ([]lua.LValue, error) {
	if p.last < 0 || len(args) == 0 {
		return args, nil
	}
	end := len(args) - 1
	if _, ok := args[end].(*lua.LFunction); !ok {
		return args, nil
	}
	return args[:end], p.set(L, p.last, args[end], out, given)
}

// isOptions says that the next argument is the options table rather than the
// positional field at: a table where the field takes none.
func (p *plan) isOptions(args []lua.LValue, at int, first bool) bool {
	_, isTable := args[0].(*lua.LTable)
	if !isTable || len(args) > 1 || takesTable(p.fields[at].typ) {
		return false
	}
	return p.options || first
}

// takesTable says that a Lua table is a fitting value for t.
func takesTable(t reflect.Type) bool {
	switch {
	case t == timeType || t == secretType || t == callbackType || t == bytesType:
		return false
	case t == anyType || reflect.PointerTo(t).Implements(unmarshalerType):
		return true
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Struct, reflect.Array:
		return true
	case reflect.Pointer:
		_, object := className(t)
		return !object && takesTable(t.Elem())
	default:
		return false
	}
}

// remainder decodes what follows the positional arguments: the rest field or
// the options table.
func (p *plan) remainder(L *lua.LState, args []lua.LValue, out reflect.Value, given *marks) error {
	if p.rest >= 0 {
		return p.setRest(L, args, out, given)
	}
	if len(args) == 0 || (len(args) == 1 && args[0] == lua.LNil) {
		return nil
	}
	table, ok := args[0].(*lua.LTable)
	if len(args) > 1 || !ok {
		return p.tooMany(args)
	}
	return p.table(L, table, out, given)
}

func (p *plan) tooMany(args []lua.LValue) error {
	if p.options && len(args) == 1 {
		return fault.New(fault.Usage, "want a table of options, got %s", describe(args[0]))
	}
	return fault.New(fault.Usage, "too many arguments: unexpected %s", describe(args[len(args)-1]))
}

func (p *plan) setRest(L *lua.LState, args []lua.LValue, out reflect.Value, given *marks) error {
	f := &p.fields[p.rest]
	list := reflect.MakeSlice(f.typ, len(args), len(args))
	for i, arg := range args {
		if err := decode(L, arg, list.Index(i), 0); err != nil {
			return fault.New(fault.Usage, "%s[%d]: %v", f.name, i+1, err)
		}
	}
	out.FieldByIndex(f.index).Set(list)
	given.set(p.rest)
	return nil
}

// table decodes named values. A name that is not declared is refused.
func (p *plan) table(L *lua.LState, table *lua.LTable, out reflect.Value, given *marks) error {
	var err error
	table.ForEach(func(k, v lua.LValue) {
		if err != nil {
			return
		}
		var at int
		if at, err = p.key(k); err != nil {
			return
		}
		if given.has(at) {
			err = fault.New(fault.Usage, "%s is given twice", p.fields[at].name)
			return
		}
		err = p.set(L, at, v, out, given)
	})
	return err
}

// key finds the field of a table's key: its name, or its number for a
// positional one, so that {pattern, reply} can be written without names.
func (p *plan) key(k lua.LValue) (int, error) {
	if n, ok := k.(lua.LNumber); ok && n >= 1 && int(n) <= len(p.positional) && n == lua.LNumber(int(n)) {
		return p.positional[int(n)-1], nil
	}
	name, ok := k.(lua.LString)
	if !ok {
		return 0, fault.New(fault.Usage, "options are named; found the %s %s", k.Type(), k.String())
	}
	at, ok := p.byName[string(name)]
	if !ok {
		return 0, p.unknown(string(name))
	}
	return at, nil
}

func (p *plan) unknown(name string) error {
	e := fault.New(fault.Usage, "unknown option %q", name)
	if near := suggest.Nearest(name, p.names()); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}

func (p *plan) set(L *lua.LState, at int, v lua.LValue, out reflect.Value, given *marks) error {
	f := &p.fields[at]
	given.set(at)
	into := out.FieldByIndex(f.index)
	if err := decode(L, v, into, 0); err != nil {
		return fault.New(fault.Usage, "%s: %v", f.name, err)
	}
	if f.enum != nil && !slices.Contains(f.enum, into.String()) {
		return fault.New(fault.Usage, "%s: %q is not one of %s", f.name, into.String(), strings.Join(f.enum, ", "))
	}
	return nil
}

// complete fills defaults and finds what is missing.
func (p *plan) complete(out reflect.Value, given marks) error {
	for i := range p.fields {
		f := &p.fields[i]
		switch {
		case given.has(i):
		case f.required:
			return fault.New(fault.Usage, "missing argument %q (%s)", f.name, luaType(f.typ))
		case f.defaultValue.IsValid():
			out.FieldByIndex(f.index).Set(f.defaultValue)
		}
	}
	return nil
}

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
		if err := p.table(L, table, into, &given); err != nil {
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
	name, _ := className(into.Type())
	return want(false, name, v)
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

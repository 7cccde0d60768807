package kit

import (
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
)

// encode turns a Go value into a Lua value: plain data becomes tables, things
// that live become objects.
func encode(L *lua.LState, v reflect.Value) lua.LValue {
	if !v.IsValid() {
		return lua.LNil
	}
	t := v.Type()
	switch {
	case t == durationType:
		return lua.LNumber(time.Duration(v.Int()).Seconds())
	case t == timeType:
		return encodeTime(v.Interface().(time.Time))
	case t == callbackType:
		return encodeCallback(v.Interface().(Callback))
	case t == functionType:
		return encodeFunction(L, v.Interface().(Function))
	case t == iterType:
		return encodeIter(L, v.Interface().(Iter))
	case t == faultType:
		return encodeError(L, v.Interface().(*fault.Error))
	case t == noneType:
		return lua.LNil
	case t == bytesType:
		return lua.LString(v.Bytes())
	}
	if _, ok := className(t); ok && !isNil(v) {
		return encodeObject(L, v.Interface())
	}
	return encodeKind(L, v)
}

func isNil(v reflect.Value) bool { return v.Kind() == reflect.Pointer && v.IsNil() }

func encodeKind(L *lua.LState, v reflect.Value) lua.LValue {
	switch v.Kind() {
	case reflect.String:
		return lua.LString(v.String())
	case reflect.Bool:
		return lua.LBool(v.Bool())
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(v.Float())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return encodeInt(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return encodeUint(v.Uint())
	case reflect.Slice, reflect.Array:
		return encodeList(L, v)
	case reflect.Map:
		return encodeMap(L, v)
	case reflect.Struct:
		return encodeStruct(L, v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return lua.LNil
		}
		if v.Type() == errorType {
			return encodeError(L, v.Interface().(error))
		}
		return encode(L, v.Elem())
	default:
		panic(fmt.Sprintf("kit: a %s cannot be given to Lua", v.Type()))
	}
}

// encodeInt keeps whole numbers exact: beyond 2^53 they are strings.
func encodeInt(n int64) lua.LValue {
	if n > maxExact || n < -maxExact {
		return lua.LString(strconv.FormatInt(n, 10))
	}
	return lua.LNumber(n)
}

func encodeUint(n uint64) lua.LValue {
	if n > maxExact {
		return lua.LString(strconv.FormatUint(n, 10))
	}
	return lua.LNumber(n)
}

func encodeTime(t time.Time) lua.LValue {
	if t.IsZero() {
		return lua.LNil
	}
	micro := math.Round(float64(t.Nanosecond()) / 1e3)
	return lua.LNumber(float64(t.Unix()) + micro/1e6)
}

func encodeList(L *lua.LState, v reflect.Value) lua.LValue {
	if v.Len() == 0 {
		return newEmptyList(L)
	}
	table := L.CreateTable(v.Len(), 0)
	for i := range v.Len() {
		table.RawSetInt(i+1, encode(L, v.Index(i)))
	}
	return table
}

func encodeMap(L *lua.LState, v reflect.Value) lua.LValue {
	table := L.CreateTable(0, v.Len())
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return fmt.Sprint(keys[i]) < fmt.Sprint(keys[j]) })
	for _, k := range keys {
		table.RawSet(encode(L, k), encode(L, v.MapIndex(k)))
	}
	return table
}

// resultFields are the tagged fields of a result struct.
type resultField struct {
	name   lua.LString
	doc    string
	index  []int
	typ    reflect.Type
	isText bool // tostring gives it
}

var resultPlans sync.Map // reflect.Type -> []resultField

func resultFields(t reflect.Type) []resultField {
	if p, ok := resultPlans.Load(t); ok {
		return p.([]resultField)
	}
	var fields []resultField
	for _, sf := range reflect.VisibleFields(t) {
		if tag, ok := sf.Tag.Lookup("lua"); ok && tag != "-" {
			if sf.Tag.Get("doc") == "" {
				panic(fmt.Sprintf("kit: %s: field %q has no doc text", t, tag))
			}
			fields = append(fields, resultField{lua.LString(tag), sf.Tag.Get("doc"), sf.Index, sf.Type, sf.Tag.Get("text") == "true"})
		}
	}
	resultPlans.Store(t, fields)
	return fields
}

func encodeStruct(L *lua.LState, v reflect.Value) lua.LValue {
	fields := resultFields(v.Type())
	table := L.CreateTable(0, len(fields))
	for _, f := range fields {
		table.RawSetString(string(f.name), encode(L, v.FieldByIndex(f.index)))
		if f.isText {
			table.Metatable = textOf(L, string(f.name))
		}
	}
	return table
}

// resultKey names the metatables of results that are a text to print and ..
const resultKey = "gofab.result."

// textOf is the metatable of a result that reads as one of its fields, without
// its last line end.
func textOf(L *lua.LState, field string) *lua.LTable {
	meta := L.NewTypeMetatable(resultKey + field)
	if meta.RawGetString("__tostring") == lua.LNil {
		meta.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
			text := L.CheckTable(1).RawGetString(field).String()
			L.Push(lua.LString(strings.TrimSuffix(text, "\n")))
			return 1
		}))
		meta.RawSetString("__name", lua.LString("result"))
	}
	return meta
}

// IsResult tells whether a table is a result that also has a text.
func IsResult(t *lua.LTable) bool {
	meta, ok := t.Metatable.(*lua.LTable)
	return ok && meta.RawGetString("__name") == lua.LString("result")
}

// encodeIter makes the function of a generic for.
func encodeIter(L *lua.LState, next Iter) lua.LValue {
	return L.NewFunction(func(L *lua.LState) int {
		th := threadOf(L)
		c := &Call{Context: th.Real(), Env: th.Env(), Op: "iterator", thread: th}
		th.Unlock()
		value, ok, err := next.safely(c)
		th.Lock(L)
		if err != nil {
			raise(L, c, err)
		}
		if !ok {
			return 0
		}
		return push(L, value)
	})
}

func (next Iter) safely(c *Call) (value any, ok bool, err error) {
	defer asError(&err)
	return next(c)
}

// push leaves the results of a function on the stack.
func push(L *lua.LState, value any) int {
	switch v := value.(type) {
	case None:
		return 0
	case Multi:
		for _, item := range v {
			L.Push(encode(L, reflect.ValueOf(item)))
		}
		return len(v)
	default:
		L.Push(encode(L, reflect.ValueOf(value)))
		return 1
	}
}

package kit

import (
	"fmt"
	"reflect"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// Data whose shape the binding does not know (JSON, YAML, variables) travels
// as plain Go: nil, bool, float64, string, []any, map[string]any, Callback,
// Null, or the Go value of an object.

func decodeAny(L *lua.LState, v lua.LValue, into reflect.Value, depth int) error {
	plain, err := toAny(L, v, depth)
	if err != nil {
		return err
	}
	if plain == nil {
		into.SetZero()
		return nil
	}
	into.Set(reflect.ValueOf(plain))
	return nil
}

func toAny(L *lua.LState, v lua.LValue, depth int) (any, error) {
	switch v := v.(type) {
	case lua.LBool:
		return bool(v), nil
	case lua.LNumber:
		return float64(v), nil
	case lua.LString:
		return string(v), nil
	case *lua.LTable:
		return tableToAny(L, v, depth+1)
	case *lua.LFunction:
		return Callback{fn: v, thread: threadOf(L)}, nil
	case *lua.LUserData:
		return v.Value, nil
	default:
		if v == lua.LNil {
			return nil, nil
		}
		return nil, fmt.Errorf("a %s cannot be passed here", v.Type())
	}
}

// tableToAny makes a list of a table with the keys 1 to n, a map of one with
// names. An empty table is a map, unless it came from an empty list.
func tableToAny(L *lua.LState, table *lua.LTable, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("tables are nested more than %d deep (does one hold itself?)", maxDepth)
	}
	if table.Len() > 0 || isEmptyList(L, table) {
		return tableToList(L, table, depth)
	}
	out := map[string]any{}
	var err error
	table.ForEach(func(k, v lua.LValue) {
		if err != nil {
			return
		}
		key, ok := tableKey(k)
		if !ok {
			err = fmt.Errorf("a %s cannot be a key here", k.Type())
			return
		}
		var item any
		if item, err = toAny(L, v, depth); err != nil {
			err = fmt.Errorf("%s: %w", key, err)
			return
		}
		out[key] = item
	})
	return out, err
}

// tableKey makes a name of a key; whole numbers of a sparse table are written
// out.
func tableKey(k lua.LValue) (string, bool) {
	switch k := k.(type) {
	case lua.LString:
		return string(k), true
	case lua.LNumber:
		return strconv.FormatFloat(float64(k), 'f', -1, 64), true
	default:
		return "", false
	}
}

func tableToList(L *lua.LState, table *lua.LTable, depth int) (any, error) {
	n, err := listLength(table)
	if err != nil {
		return nil, err
	}
	list := make([]any, n)
	for i := range list {
		if list[i], err = toAny(L, table.RawGetInt(i+1), depth); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i+1, err)
		}
	}
	return list, nil
}

// listLength checks that a table is a list: the keys 1 to n and no others.
func listLength(table *lua.LTable) (int, error) {
	n, extra := table.Len(), lua.LValue(nil)
	count := 0
	table.ForEach(func(k, _ lua.LValue) {
		count++
		if num, ok := k.(lua.LNumber); !ok || float64(num) < 1 || float64(num) > float64(n) {
			extra = k
		}
	})
	if extra != nil && n > 0 {
		return 0, fmt.Errorf("want list, got a table with list items and the key %s", describe(extra))
	}
	if extra != nil {
		return 0, fmt.Errorf("want list, got a table with the key %s", describe(extra))
	}
	if count != n {
		return 0, fmt.Errorf("want list, got a table with holes (%d values, the last at %d)", count, n)
	}
	return n, nil
}

// emptyListKey names the metatable that marks a list as one although it is
// empty, so that [] survives a round trip through Lua.
const emptyListKey = "gofab.emptylist"

func isEmptyList(L *lua.LState, table *lua.LTable) bool {
	if table.Metatable == lua.LNil || table.Metatable != L.GetTypeMetatable(emptyListKey) {
		return false
	}
	first, _ := table.Next(lua.LNil)
	return first == lua.LNil
}

func newEmptyList(L *lua.LState) *lua.LTable {
	table := L.NewTable()
	table.Metatable = L.NewTypeMetatable(emptyListKey)
	return table
}

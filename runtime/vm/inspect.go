package vm

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/internal/luastr"
)

// What is shown of a value: enough to see what it is, never more than a screen
// or two.
const (
	inspectWidth = 100 // columns that a table may fill before it takes several lines
	inspectItems = 50  // values of one table
	inspectDepth = 5   // tables in tables
	inspectText  = 500 // bytes of a text in a table
)

// inspect shows a value at a prompt: tables with what is in them, in Lua's own
// words, everything else as print does.
func inspect(L *lua.LState, v lua.LValue) string {
	if table, ok := v.(*lua.LTable); ok {
		return (&inspector{L: L}).table(table)
	}
	return toString(L, v)
}

type inspector struct {
	L    *lua.LState
	path []*lua.LTable // the tables around
}

func (i *inspector) value(v lua.LValue) string {
	switch v := v.(type) {
	case *lua.LTable:
		return i.table(v)
	case lua.LString:
		if len(v) > inspectText {
			return fmt.Sprintf("%s... -- %d bytes", strconv.Quote(string(v[:inspectText])), len(v))
		}
		return strconv.Quote(string(v))
	case *lua.LFunction:
		return "function"
	default:
		return toString(i.L, v)
	}
}

func (i *inspector) table(t *lua.LTable) string {
	switch {
	case i.L.GetMetaField(t, "__tostring") != lua.LNil && !kit.IsResult(t):
		return toString(i.L, t)
	case slices.Contains(i.path, t):
		return "{ ... } -- itself"
	case len(i.path) == inspectDepth:
		return "{ ... }"
	}
	i.path = append(i.path, t)
	items := i.items(t)
	i.path = i.path[:len(i.path)-1]
	if len(items) == 0 {
		return "{}"
	}
	line := "{ " + strings.Join(items, ", ") + " }"
	if len(line)+2*len(i.path) <= inspectWidth && !strings.ContainsAny(line, "\n") && !strings.Contains(line, "--") {
		return line
	}
	return "{\n  " + strings.ReplaceAll(strings.Join(items, ",\n"), "\n", "\n  ") + "\n}"
}

// items are the values of the list, then those with keys by name.
func (i *inspector) items(t *lua.LTable) []string {
	var items []string
	left := 0
	add := func(text func() string) {
		if len(items) < inspectItems {
			items = append(items, text())
		} else {
			left++
		}
	}
	n := t.Len()
	for at := 1; at <= n; at++ {
		add(func() string { return i.value(t.RawGetInt(at)) })
	}
	keys := otherKeys(t, n)
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		add(func() string { return name + " = " + i.value(t.RawGet(keys[name])) })
	}
	if left > 0 {
		items = append(items, fmt.Sprintf("... -- %d more", left))
	}
	return items
}

// otherKeys are the keys beside the list, by how they are written.
func otherKeys(t *lua.LTable, n int) map[string]lua.LValue {
	keys := map[string]lua.LValue{}
	t.ForEach(func(k, _ lua.LValue) {
		switch key := k.(type) {
		case lua.LNumber:
			if at := int(key); lua.LNumber(at) != key || at < 1 || at > n {
				keys["["+luastr.NumberText(float64(key))+"]"] = k
			}
		case lua.LString:
			if isName(string(key)) {
				keys[string(key)] = k
			} else {
				keys["["+strconv.Quote(string(key))+"]"] = k
			}
		default:
			keys["["+k.String()+"]"] = k
		}
	})
	return keys
}

var nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func isName(text string) bool { return nameForm.MatchString(text) }

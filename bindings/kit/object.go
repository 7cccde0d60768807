package kit

import (
	"fmt"
	"reflect"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// classes are the declared types of objects. It holds declarations only,
// nothing of a run.
var classes sync.Map // reflect.Type -> *Type

// className tells the class of objects that hold a t.
func className(t reflect.Type) (string, bool) {
	if t == nil {
		return "", false
	}
	if c, ok := classes.Load(t); ok {
		return c.(*Type).Name, true
	}
	return "", false
}

// Declare makes a type known before its module is opened, so that other
// modules can return it.
func (t *Type) Declare() { classes.LoadOrStore(t.goType, t) }

// registerType makes the metatable of a class in one interpreter.
func registerType(L *lua.LState, t *Type) *lua.LTable {
	t.Declare()
	meta := L.NewTypeMetatable(t.Name)
	if meta.RawGetString("__name") != lua.LNil {
		return meta
	}
	meta.RawSetString("__name", lua.LString(t.Name))
	methods := L.NewTable()
	for i := range t.Methods {
		m := &t.Methods[i]
		methods.RawSetString(m.Name, L.NewFunction(m.luaFunction(t.Name+":"+m.Name)))
	}
	meta.RawSetString("__index", L.NewFunction(t.indexer(methods)))
	meta.RawSetString("__newindex", L.NewFunction(t.refuseAssignment))
	meta.RawSetString("__tostring", L.NewFunction(objectText))
	meta.RawSetString("__eq", L.NewFunction(objectsEqual))
	meta.RawSetString("__metatable", lua.LString(t.Name))
	meta.RawSetString("__len", L.NewFunction(t.count))
	t.addOperators(L, meta)
	return meta
}

// indexer finds methods and fields; a wrong name is an error with a
// suggestion, never a silent nil.
func (t *Type) indexer(methods *lua.LTable) lua.LGFunction {
	props := map[string]*Prop{}
	for i := range t.Props {
		props[t.Props[i].Name] = &t.Props[i]
	}
	return func(L *lua.LState) int {
		name := L.Get(2).String()
		if m := methods.RawGetString(name); m != lua.LNil {
			L.Push(m)
			return 1
		}
		ud, ok := L.Get(1).(*lua.LUserData)
		if p := props[name]; ok && p != nil {
			return push(L, p.get(ud.Value))
		}
		e := fault.New(fault.Usage, "a %s has no %q", t.Name, name)
		if near := suggest.Nearest(name, t.names()); near != "" {
			e.Message += fmt.Sprintf(" (did you mean %q?)", near)
		}
		raise(L, nil, e.WithHint("gofab doc %s", t.Name))
		return 0
	}
}

func (t *Type) names() []string {
	methods, fields := t.members()
	return append(methods, fields...)
}

func (t *Type) members() (methods, fields []string) {
	for _, m := range t.Methods {
		methods = append(methods, m.Name)
	}
	for _, p := range t.Props {
		fields = append(fields, p.Name)
	}
	return methods, fields
}

// Members lists what objects that hold such a value have, for completion.
func Members(value any) (methods, fields []string) {
	if c, ok := classes.Load(reflect.TypeOf(value)); ok {
		return c.(*Type).members()
	}
	return nil, nil
}

func (t *Type) refuseAssignment(L *lua.LState) int {
	raise(L, nil, fault.New(fault.Usage, "a %s is read-only: cannot set %q", t.Name, L.Get(2).String()))
	return 0
}

// count is the # operator.
func (t *Type) count(L *lua.LState) int {
	if t.length == nil {
		raise(L, nil, fault.New(fault.Usage, "a %s has no length", t.Name))
	}
	return push(L, t.length(L.CheckUserData(1).Value))
}

func objectText(L *lua.LState) int {
	ud, ok := L.Get(1).(*lua.LUserData)
	if !ok {
		return push(L, L.Get(1).String())
	}
	if s, ok := ud.Value.(fmt.Stringer); ok {
		return push(L, s.String())
	}
	name, _ := className(reflect.TypeOf(ud.Value))
	return push(L, name)
}

func objectsEqual(L *lua.LState) int {
	a, okA := L.Get(1).(*lua.LUserData)
	b, okB := L.Get(2).(*lua.LUserData)
	return push(L, okA && okB && a.Value == b.Value)
}

// internedKey is where an interpreter keeps its interned objects.
const internedKey = "gofab.interned"

// encodeObject wraps a Go value as an object of its class.
func encodeObject(L *lua.LState, value any) lua.LValue {
	found, _ := classes.Load(reflect.TypeOf(value))
	t := found.(*Type)
	if !t.Interned {
		return newObject(L, t, value)
	}
	known := internedObjects(L)
	ud, ok := known[value]
	if !ok {
		ud = newObject(L, t, value)
		known[value] = ud
	}
	return ud
}

func newObject(L *lua.LState, t *Type, value any) *lua.LUserData {
	ud := L.NewUserData()
	ud.Value = value
	ud.Metatable = registerType(L, t)
	return ud
}

func internedObjects(L *lua.LState) map[any]*lua.LUserData {
	registry := L.Get(lua.RegistryIndex).(*lua.LTable)
	if ud, ok := registry.RawGetString(internedKey).(*lua.LUserData); ok {
		return ud.Value.(map[any]*lua.LUserData)
	}
	known := map[any]*lua.LUserData{}
	registry.RawSetString(internedKey, &lua.LUserData{Value: known, Metatable: lua.LNil})
	return known
}

package kit

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// space is a table of names: a module, or a part of one. A function whose name
// has a dot lives in a part: "repl.bash" is bash in the table repl. Where there
// is a function repl as well, the table can be called.
type space struct {
	module *Module
	name   string // as errors show it: expect, expect.repl
	inner  bool   // a part, and not the module
	self   *Func  // the function that the table is, too
	names  []string
	funcs  map[string]*Func
	parts  map[string]*space
	values []Value
}

// spaces orders the functions of a module by the tables they are in.
func (m *Module) spaces() *space {
	top := newSpace(m, m.Name)
	for i := range m.Funcs {
		top.add(&m.Funcs[i], m.Funcs[i].Name)
	}
	top.values = m.Values
	for _, v := range m.Values {
		top.names = append(top.names, v.Name)
	}
	return top
}

func newSpace(m *Module, name string) *space {
	return &space{module: m, name: name, funcs: map[string]*Func{}, parts: map[string]*space{}}
}

func (s *space) add(f *Func, name string) {
	head, rest, inner := strings.Cut(name, ".")
	part := s.parts[head]
	switch {
	case inner && part == nil:
		part = newSpace(s.module, s.join(head))
		part.inner = true
		part.self = s.funcs[head]
		s.parts[head] = part
		s.names = append(s.names, head)
		part.add(f, rest)
	case inner:
		part.add(f, rest)
	case part != nil:
		part.self = f
	default:
		s.funcs[name] = f
		s.names = append(s.names, name)
	}
}

// join names what is in the space. Names of a global module stand alone.
func (s *space) join(name string) string {
	if s.module.Global && !s.inner {
		return name
	}
	return s.name + "." + name
}

// open makes the table.
func (s *space) open(L *lua.LState) *lua.LTable {
	table := L.NewTable()
	for name, f := range s.funcs {
		if s.parts[name] == nil {
			table.RawSetString(name, L.NewFunction(f.luaFunction(s.join(name))))
		}
	}
	for name, part := range s.parts {
		table.RawSetString(name, part.open(L))
	}
	for _, v := range s.values {
		table.RawSetString(v.Name, encode(L, reflect.ValueOf(v.Value)))
	}
	table.Metatable = s.strict(L)
	return table
}

// strict makes a wrong name an error with a suggestion.
func (s *space) strict(L *lua.LState) *lua.LTable {
	meta := strict(L, s.module.Name, s.name, func() []string { return slices.Clone(s.names) }, s.join)
	if s.self != nil {
		call := s.self.luaFunction(s.name)
		meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
			L.Remove(1) // the table
			return call(L)
		}))
	}
	return meta
}

// Strict makes wrong names of a module that is written in Lua errors as those
// of the others are.
func Strict(L *lua.LState, module string, table *lua.LTable) {
	names := func() (list []string) {
		table.ForEach(func(key, value lua.LValue) {
			if value.Type() == lua.LTFunction {
				list = append(list, key.String())
			}
		})
		slices.Sort(list)
		return list
	}
	table.Metatable = strict(L, module, module, names, func(name string) string { return module + "." + name })
}

// strict is the metatable of a table of names: others are errors, and it is no
// function.
func strict(L *lua.LState, module, table string, names func() []string, join func(string) string) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		name := L.Get(2).String()
		e := fault.New(fault.Usage, "there is no %s", join(name))
		if near := suggest.Nearest(name, names()); near != "" {
			e.Message += fmt.Sprintf(" (did you mean %q?)", join(near))
		}
		raise(L, nil, e.WithHint("gofab doc %s", module))
		return 0
	}))
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		e := fault.New(fault.Usage, "%s is a table of functions and not one itself", table)
		if own := names(); len(own) > 0 {
			e.Message += fmt.Sprintf(", such as %s", join(own[0]))
		}
		raise(L, nil, e.WithHint("gofab doc %s", module))
		return 0
	}))
	return meta
}

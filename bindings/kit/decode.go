package kit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
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
			if err := p.set(L, at, args[0], out, &given, 0); err != nil {
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
	return args[:end], p.set(L, p.last, args[end], out, given, 0)
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
	return p.table(L, table, out, given, 0)
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
func (p *plan) table(L *lua.LState, table *lua.LTable, out reflect.Value, given *marks, depth int) error {
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
		err = p.set(L, at, v, out, given, depth)
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

func (p *plan) set(L *lua.LState, at int, v lua.LValue, out reflect.Value, given *marks, depth int) error {
	f := &p.fields[at]
	given.set(at)
	into := out.FieldByIndex(f.index)
	if err := decode(L, v, into, depth); err != nil {
		return refused(f.name, err)
	}
	if f.enum != nil && !slices.Contains(f.enum, into.String()) {
		return fault.New(fault.Usage, "%s: %q is not one of %s", f.name, into.String(), strings.Join(f.enum, ", "))
	}
	return nil
}

// refused is the error of a value that does not fit. What a type says of its
// own text keeps its kind and its hint.
func refused(name string, err error) error {
	e := fault.New(fault.Usage, "%s: %v", name, err)
	var own *fault.Error
	if errors.As(err, &own) {
		e.Kind, e.Hint = own.Kind, own.Hint
	}
	return e
}

// complete fills defaults and finds what is missing.
func (p *plan) complete(out reflect.Value, given marks) error {
	p.note(out, given)
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

// note tells a struct that is a Noter what was given to it.
func (p *plan) note(out reflect.Value, given marks) {
	if !p.noter || given == 0 {
		return
	}
	noter := out.Addr().Interface().(Noter)
	for i := range p.fields {
		if given.has(i) {
			noter.Given(p.fields[i].name)
		}
	}
}

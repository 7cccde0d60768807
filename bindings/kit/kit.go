// Package kit is the contract between gofab's Lua and its Go.
//
// A binding is plain Go: a struct in, a value and an error out. It never sees
// Lua. Kit decodes the arguments into the struct, drops the interpreter lock,
// calls the function, takes the lock again and encodes the result. So every
// function runs concurrently with the Lua of other hosts, and is tested
// without Lua.
//
// The declaration is the documentation: names, types, defaults and texts are
// read from the struct tags once, at start-up, and feed the argument decoder,
// `gofab doc`, the reference pages and the editor definitions alike. A field
// without a text does not start.
//
// Tags of an argument field:
//
//	lua:"name,arg1"   the name in Lua; arg1, arg2: also positional;
//	                  rest: all further positional arguments; last: a function
//	                  given as the last argument
//	default:"5s"      used when absent; a field without it is required;
//	                  default:"" is the zero value
//	doc:"..."         one or two sentences
//	enum:"a|b|c"      the values a string may have
//
// Types of a field: string, bool, int, float64, time.Duration (seconds or
// "30s"), time.Time (Unix seconds), kit.Size (bytes or "10M"), secret.Value,
// kit.Callback, []byte, slices, map[string]T, nested structs, any, pointers to
// those (nil when absent), a type declared by TypeOf, machine.Machine (a host),
// and whatever implements FromLua. A result may be any of these.
package kit

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// Module is one Lua module: a predeclared name with functions in it.
type Module struct {
	Name   string // one lower-case noun
	Doc    string // first sentence: what it is for
	Global bool   // its functions are global names: task, inventory, try
	Funcs  []Func
	Types  []Type
	Values []Value
}

// Value is a constant of a module, such as expect.EOF.
type Value struct {
	Name, Doc string
	Value     any
}

// Type is a class of objects that live on the Go side, with methods called
// with a colon.
type Type struct {
	Name     string
	Doc      string
	Methods  []Func
	Props    []Prop
	Interned bool // equal pointers give the same Lua object, so it can be a table key
	goType   reflect.Type
	length   func(self any) int
	compare  func(a, b any) int
	ops      []Op
}

// Prop is a readable field of an object: h.name.
type Prop struct {
	Name, Doc string
	goType    reflect.Type
	get       func(self any) any
}

// Func is one function or method.
type Func struct {
	Name     string // with a dot it is in a table of its own: "repl.bash"
	Doc      string
	Examples []string
	params   *plan        // how arguments are decoded
	self     reflect.Type // the receiver; nil for a plain function
	result   reflect.Type
	invoke   func(c *Call, self any, args reflect.Value) (any, error)
}

// None is the result of a function that returns nothing.
type None struct{}

// Multi is the result of a function with several values.
type Multi []any

// Iter is the result of a function used in `for x in f() do`: it is called
// until ok is false.
type Iter func(c *Call) (value any, ok bool, err error)

// Null stands for an explicit null inside data, where nil would leave a hole.
type Null struct{}

// Fn declares a function.
func Fn[A, R any](name, doc string, f func(*Call, A) (R, error)) Func {
	return Func{
		Name: name, Doc: checkDoc(name, doc),
		params: planOf(reflect.TypeFor[A](), name), result: reflect.TypeFor[R](),
		invoke: func(c *Call, _ any, args reflect.Value) (any, error) {
			return f(c, *args.Addr().Interface().(*A))
		},
	}
}

// Method declares a method of T, called with a colon in Lua.
func Method[T, A, R any](name, doc string, f func(*Call, T, A) (R, error)) Func {
	return Func{
		Name: name, Doc: checkDoc(name, doc), self: reflect.TypeFor[T](),
		params: planOf(reflect.TypeFor[A](), name), result: reflect.TypeFor[R](),
		invoke: func(c *Call, self any, args reflect.Value) (any, error) {
			return f(c, self.(T), *args.Addr().Interface().(*A))
		},
	}
}

// Field declares a readable field of an object.
func Field[T, R any](name, doc string, get func(T) R) Prop {
	return Prop{
		Name: name, Doc: checkDoc(name, doc), goType: reflect.TypeFor[R](),
		get: func(self any) any { return get(self.(T)) },
	}
}

// TypeOf declares the class of the objects that hold a T.
func TypeOf[T any](name, doc string, methods ...Func) Type {
	return Type{Name: name, Doc: checkDoc(name, doc), Methods: methods, goType: reflect.TypeFor[T]()}
}

// With adds examples: whole Lua chunks that a test executes.
func (f Func) With(examples ...string) Func {
	f.Examples = append(f.Examples, examples...)
	return f
}

// Length makes the # operator count something.
func (t Type) Length(count func(self any) int) Type {
	t.length = count
	return t
}

// Fields adds readable fields to a type.
func (t Type) Fields(props ...Prop) Type {
	t.Props = append(t.Props, props...)
	return t
}

// Ordered makes objects comparable with < and <=: compare is less than 0 when
// a comes first.
func (t Type) Ordered(compare func(a, b any) int) Type {
	t.compare = compare
	return t
}

// Operators makes objects work with + - and *.
func (t Type) Operators(ops ...Op) Type {
	t.ops = append(t.ops, ops...)
	return t
}

// Intern makes equal pointers the same Lua object.
func (t Type) Intern() Type {
	t.Interned = true
	return t
}

// checkDoc makes a missing text a start-up failure, so that a test finds it.
func checkDoc(name, doc string) string {
	if doc == "" {
		panic("kit: " + name + " has no doc text")
	}
	return doc
}

// Open puts a module into a Lua state and returns its table. The functions of
// a global module are the table's entries all the same; the interpreter makes
// them global names.
func (m *Module) Open(L *lua.LState) *lua.LTable {
	for i := range m.Types {
		registerType(L, &m.Types[i])
	}
	return m.spaces().open(L)
}

package kit

import (
	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
)

// Op is what an operator does with two objects of a class.
type Op struct {
	symbol string
	apply  func(a, b any) (any, bool)
}

// events are the names that Lua has for operators.
var events = map[string]string{"+": "__add", "-": "__sub", "*": "__mul"}

// Operator declares what + - or * does with two objects of one class. It is
// quick and cannot fail.
func Operator[T any](symbol string, f func(a, b T) T) Op {
	if events[symbol] == "" {
		panic("kit: there is no operator " + symbol)
	}
	return Op{symbol, func(a, b any) (any, bool) {
		x, okX := a.(T)
		y, okY := b.(T)
		if !okX || !okY {
			return nil, false
		}
		return f(x, y), true
	}}
}

// addOperators puts comparisons and operators into the metatable of a class.
func (t *Type) addOperators(L *lua.LState, meta *lua.LTable) {
	for _, op := range t.ops {
		meta.RawSetString(events[op.symbol], L.NewFunction(t.binary(op.symbol, op.apply)))
	}
	if t.compare == nil {
		return
	}
	for event, holds := range map[string]func(order int) bool{
		"__lt": func(order int) bool { return order < 0 }, "__le": func(order int) bool { return order <= 0 },
	} {
		meta.RawSetString(event, L.NewFunction(t.binary("<", func(a, b any) (any, bool) { return holds(t.compare(a, b)), true })))
	}
}

// binary calls an operator; operands of another class are an error.
func (t *Type) binary(symbol string, apply func(a, b any) (any, bool)) lua.LGFunction {
	return func(L *lua.LState) int {
		a, okA := L.Get(1).(*lua.LUserData)
		b, okB := L.Get(2).(*lua.LUserData)
		if okA && okB {
			if result, ok := apply(a.Value, b.Value); ok {
				return push(L, result)
			}
		}
		raise(L, nil, fault.New(fault.Usage, "%s works on two of %s, not on %s and %s", symbol, t.Name, describe(L.Get(1)), describe(L.Get(2))))
		return 0
	}
}

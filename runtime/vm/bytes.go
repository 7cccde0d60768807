package vm

import (
	lua "github.com/yuin/gopher-lua"

	"gofab/internal/luastr"
)

// Bytes and numbers: the functions in which stock gopher-lua differs from PUC
// Lua. Its upper and lower treat a string as UTF-8 and destroy bytes that are
// not; its tonumber does not read "1e5".

func (vm *VM) openBytes(L *lua.LState) {
	set(L, vm.library(lua.StringLibName), map[string]lua.LGFunction{
		"upper":   func(L *lua.LState) int { return mapBytes(L, 'a', 'z') },
		"lower":   func(L *lua.LState) int { return mapBytes(L, 'A', 'Z') },
		"reverse": reverse,
		"byte":    byteValues,
		"char":    char,
		"sub":     sub,
	})
	set(L, vm.globals, map[string]lua.LGFunction{"tonumber": tonumber})
}

// mapBytes changes the case of the ASCII letters from low to high.
func mapBytes(L *lua.LState, low, high byte) int {
	text := []byte(checkString(L, 1))
	for i, c := range text {
		if c >= low && c <= high {
			text[i] = c ^ 0x20
		}
	}
	L.Push(lua.LString(text))
	return 1
}

func reverse(L *lua.LState) int {
	text := []byte(checkString(L, 1))
	for i, j := 0, len(text)-1; i < j; i, j = i+1, j-1 {
		text[i], text[j] = text[j], text[i]
	}
	L.Push(lua.LString(text))
	return 1
}

// span gives the offsets of string.sub(s, i, j): from 0, end exclusive.
func span(length, i, j int) (from, to int) {
	if i < 0 {
		i = max(length+i+1, 1)
	}
	if j < 0 {
		j = length + j + 1
	}
	i, j = max(i, 1), min(j, length)
	if i > j {
		return 0, 0
	}
	return i - 1, j
}

// integer reads an argument that is a whole number or is cut to one.
func integer(L *lua.LState, n, absent int) int {
	if L.Get(n) == lua.LNil {
		return absent
	}
	const far = 1 << 52
	return int(min(max(float64(checkNumber(L, n)), -far), far))
}

// checkNumber takes a number, or a string that reads as one.
func checkNumber(L *lua.LState, n int) lua.LNumber {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		return v
	case lua.LString:
		if number, ok := luastr.ToNumber(string(v)); ok {
			return lua.LNumber(number)
		}
	}
	L.TypeError(n, lua.LTNumber)
	return 0
}

func sub(L *lua.LState) int {
	text := checkString(L, 1)
	from, to := span(len(text), integer(L, 2, 1), integer(L, 3, -1))
	L.Push(lua.LString(text[from:to]))
	return 1
}

func byteValues(L *lua.LState) int {
	text := checkString(L, 1)
	first := integer(L, 2, 1)
	from, to := span(len(text), first, integer(L, 3, first))
	for _, c := range []byte(text[from:to]) {
		L.Push(lua.LNumber(c))
	}
	return to - from
}

func char(L *lua.LState) int {
	text := make([]byte, L.GetTop())
	for i := range text {
		c := float64(checkNumber(L, i+1))
		if c < 0 || c > 255 {
			L.ArgError(i+1, "invalid value")
		}
		text[i] = byte(c)
	}
	L.Push(lua.LString(text))
	return 1
}

// tonumber reads decimal and hexadecimal numbers, and whole ones in any base
// from 2 to 36.
func tonumber(L *lua.LState) int {
	base := integer(L, 2, 10)
	L.CheckAny(1)
	if base != 10 {
		return tonumberBase(L, base)
	}
	switch v := L.Get(1).(type) {
	case lua.LNumber:
		L.Push(v)
	case lua.LString:
		if n, ok := luastr.ToNumber(string(v)); ok {
			L.Push(lua.LNumber(n))
			return 1
		}
		L.Push(lua.LNil)
	default:
		L.Push(lua.LNil)
	}
	return 1
}

func tonumberBase(L *lua.LState, base int) int {
	if base < 2 || base > 36 {
		L.ArgError(2, "base out of range")
	}
	n, ok := luastr.ToInteger(checkString(L, 1), base)
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(n))
	return 1
}

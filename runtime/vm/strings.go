package vm

import (
	lua "github.com/yuin/gopher-lua"

	"gofab/internal/luastr"
)

// The string functions that stock gopher-lua has slow, unbounded or different
// from PUC Lua: find, match, gmatch, gsub, format, rep, and those that write
// numbers. The engine is internal/luastr; here is only the glue.

// patterns is what an interpreter keeps for its string functions. The
// interpreter lock guards it; no function here gives the lock away, but for
// gsub's callbacks, which take a matcher of their own.
type patterns struct{ cache luastr.Cache }

func (vm *VM) openStrings(L *lua.LState) {
	p := &patterns{}
	set(L, vm.library(lua.StringLibName), map[string]lua.LGFunction{
		"find":     func(L *lua.LState) int { return p.find(L, true) },
		"match":    func(L *lua.LState) int { return p.find(L, false) },
		"gmatch":   p.gmatch,
		"gfind":    p.gmatch,
		"gsub":     p.gsub,
		"format":   format,
		"rep":      rep,
		concatName: concat,
		"len":      func(L *lua.LState) int { L.Push(lua.LNumber(len(checkString(L, 1)))); return 1 },
	})
}

func (vm *VM) openTables(L *lua.LState) {
	set(L, vm.library(lua.TabLibName), map[string]lua.LGFunction{"concat": tableConcat})
}

// checkString takes a string, or a number as PUC Lua writes it.
func checkString(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return luastr.NumberText(float64(v))
	default:
		L.TypeError(n, lua.LTString)
		return ""
	}
}

// matcher makes a matcher that the end of the thread's context stops.
func matcher(L *lua.LState) *luastr.Matcher {
	t := threadOf(L)
	return &luastr.Matcher{Poll: t.Err}
}

// find is string.find and string.match.
func (p *patterns) find(L *lua.LState, places bool) int {
	src, pattern := checkString(L, 1), checkString(L, 2)
	init := luastr.Start(src, integer(L, 3, 1))
	m := matcher(L)
	var start, end int
	var err error
	if places {
		start, end, err = m.Find(src, p.cache.Get(pattern), init, lua.LVAsBool(L.Get(4)))
	} else {
		start, end, err = m.Match(src, p.cache.Get(pattern), init)
	}
	raiseMatch(L, err)
	if start < 0 {
		L.Push(lua.LNil)
		return 1
	}
	if places {
		L.Push(lua.LNumber(start + 1))
		L.Push(lua.LNumber(end))
		return 2 + pushCaptures(L, m, start, end, false)
	}
	return pushCaptures(L, m, start, end, true)
}

// pushCaptures pushes the captures of a match; without any, the whole match
// when wanted.
func pushCaptures(L *lua.LState, m *luastr.Matcher, start, end int, whole bool) int {
	n := m.Captures()
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		L.Push(captured(L, m, i, start, end))
	}
	return n
}

func captured(L *lua.LState, m *luastr.Matcher, i, start, end int) lua.LValue {
	text, at, err := m.Capture(i, start, end)
	raiseMatch(L, err)
	if at > 0 {
		return lua.LNumber(at)
	}
	return lua.LString(text)
}

func raiseMatch(L *lua.LState, err error) {
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
}

func (p *patterns) gmatch(L *lua.LState) int {
	src, pattern := checkString(L, 1), p.cache.Get(checkString(L, 2))
	from := 0
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if from > len(src) {
			return 0
		}
		m := matcher(L)
		start, end, err := m.Next(src, pattern, from)
		raiseMatch(L, err)
		if start < 0 {
			from = len(src) + 1
			return 0
		}
		from = end
		if end == start {
			from++
		}
		return pushCaptures(L, m, start, end, true)
	}))
	return 1
}

func (p *patterns) gsub(L *lua.LState) int {
	src, pattern := checkString(L, 1), p.cache.Get(checkString(L, 2))
	limit := -1
	if L.Get(4) != lua.LNil {
		limit = max(0, integer(L, 4, 0))
	}
	text, count, err := matcher(L).Gsub(src, pattern, limit, replacer(L))
	raiseMatch(L, err)
	L.Push(lua.LString(text))
	L.Push(lua.LNumber(count))
	return 2
}

// replacer makes the third argument of gsub a function of the match.
func replacer(L *lua.LState) luastr.Replacer {
	switch by := L.Get(3).(type) {
	case lua.LString, lua.LNumber:
		return luastr.Template(checkString(L, 3))
	case *lua.LTable:
		return func(m *luastr.Matcher, start, end int) (string, bool, error) {
			return replacement(L, L.GetTable(by, captured(L, m, 0, start, end)))
		}
	case *lua.LFunction:
		return func(m *luastr.Matcher, start, end int) (string, bool, error) {
			L.Push(by)
			L.Call(pushCaptures(L, m, start, end, true), 1)
			value := L.Get(-1)
			L.Pop(1)
			return replacement(L, value)
		}
	default:
		L.ArgError(3, "string/function/table expected")
		return nil
	}
}

func replacement(L *lua.LState, value lua.LValue) (text string, keep bool, err error) {
	switch v := value.(type) {
	case lua.LString:
		return string(v), false, nil
	case lua.LNumber:
		return luastr.NumberText(float64(v)), false, nil
	default:
		if !lua.LVAsBool(v) {
			return "", true, nil
		}
		L.RaiseError("invalid replacement value (a %s)", v.Type().String())
		return "", false, nil
	}
}

// stackArgs are the arguments of format, after the format itself.
type stackArgs struct{ *lua.LState }

func (a stackArgs) Number(i int) (float64, error) { return float64(checkNumber(a.LState, i+1)), nil }

func (a stackArgs) Text(i int) (string, error) {
	if i+1 > a.GetTop() {
		a.ArgError(i+1, "no value")
	}
	return toString(a.LState, a.Get(i+1)), nil
}

func format(L *lua.LState) int {
	text, err := luastr.Format(checkString(L, 1), stackArgs{L})
	raiseMatch(L, err)
	L.Push(lua.LString(text))
	return 1
}

func rep(L *lua.LState) int {
	text, err := luastr.Rep(checkString(L, 1), integer(L, 2, 0))
	raiseMatch(L, err)
	L.Push(lua.LString(text))
	return 1
}

// tableConcat is table.concat with numbers as PUC Lua writes them.
func tableConcat(L *lua.LState) int {
	table := L.CheckTable(1)
	separator := ""
	if L.Get(2) != lua.LNil {
		separator = checkString(L, 2)
	}
	first, last := L.OptInt(3, 1), L.OptInt(4, table.Len())
	var out []byte
	for i := first; i <= last; i++ {
		switch v := table.RawGetInt(i).(type) {
		case lua.LString:
			out = append(out, v...)
		case lua.LNumber:
			out = append(out, luastr.NumberText(float64(v))...)
		default:
			L.RaiseError("invalid value (%s) at index %d in table for 'concat'", v.Type().String(), i)
		}
		if i < last {
			out = append(out, separator...)
		}
		if len(out) > luastr.MaxLength {
			L.RaiseError("%s", luastr.ErrTooLong.Error())
		}
	}
	L.Push(lua.LString(out))
	return 1
}

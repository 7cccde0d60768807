package kit

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/fault"
)

// An error in Lua is an object of the class "error". It has the fields of
// fault.Error, prints as one line with the hint below, and joins strings.

// StdlibPrefix begins the chunk names of Lua code that ships in the binary:
// such frames are not the user's own lines.
const StdlibPrefix = "stdlib:"

// errorField gives what a script can read of an error; nil for other names.
func errorField(L *lua.LState, e *fault.Error, name string) lua.LValue {
	switch name {
	case "kind":
		return text(string(e.Kind))
	case "op":
		return text(e.Op)
	case "message":
		return text(e.Text())
	case "hint":
		return text(e.Hint)
	case "where":
		return text(e.Where)
	case "host":
		return text(e.Host)
	case "cause":
		return encodeError(L, e.Cause)
	case "result":
		return encode(L, reflect.ValueOf(e.Result))
	case "traceback":
		return text(strings.Join(e.Trace, "\n"))
	default:
		return lua.LNil
	}
}

// text is a string, or nil for an empty one: missing is nil.
func text(s string) lua.LValue {
	if s == "" {
		return lua.LNil
	}
	return lua.LString(s)
}

const errorClass = "error"

// ErrorObject makes the Lua object of an error.
func ErrorObject(L *lua.LState, e *fault.Error) *lua.LUserData {
	ud := L.NewUserData()
	ud.Value = e
	ud.Metatable = errorMetatable(L)
	return ud
}

// ErrorOf finds the error in a Lua value that was raised; nil when the value
// is not an error object.
func ErrorOf(v lua.LValue) *fault.Error {
	if ud, ok := v.(*lua.LUserData); ok {
		if e, ok := ud.Value.(*fault.Error); ok {
			return e
		}
	}
	return nil
}

func encodeError(L *lua.LState, err error) lua.LValue {
	if err == nil {
		return lua.LNil
	}
	return ErrorObject(L, fault.From(err))
}

func errorMetatable(L *lua.LState) *lua.LTable {
	meta := L.NewTypeMetatable(errorClass)
	if meta.RawGetString("__name") != lua.LNil {
		return meta
	}
	meta.RawSetString("__name", lua.LString(errorClass))
	meta.RawSetString("__metatable", lua.LString(errorClass))
	meta.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(ErrorText(ErrorOf(L.Get(1)))))
		return 1
	}))
	meta.RawSetString("__concat", L.NewFunction(concatError))
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		e := ErrorOf(L.Get(1))
		if e == nil {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(errorField(L, e, L.Get(2).String()))
		return 1
	}))
	return meta
}

// concatError lets "failed: " .. err work.
func concatError(L *lua.LState) int {
	var parts [2]string
	for i := range parts {
		v := L.Get(i + 1)
		if e := ErrorOf(v); e != nil {
			parts[i] = ErrorText(e)
		} else {
			parts[i] = v.String()
		}
	}
	L.Push(lua.LString(parts[0] + parts[1]))
	return 1
}

// ErrorText is an error as tostring gives it: one line, and the hint below.
func ErrorText(e *fault.Error) string {
	if e == nil {
		return "error"
	}
	if e.Hint == "" {
		return e.Error()
	}
	return e.Error() + "\n  hint: " + e.Hint
}

// raise ends the Lua call with an error. It fills in what the binding cannot
// know: the operation, the host and the place in the user's own file.
func raise(L *lua.LState, c *Call, err error) {
	e := *fault.From(err)
	if c != nil {
		if e.Op == "" && e.Where == "" { // with a place it comes from a callback's own Lua
			e.Op = c.Op
		}
		if e.Host == "" {
			e.Host = c.Host()
		}
		if c.Context.Err() != nil && errors.Is(err, c.Context.Err()) {
			op, host := e.Op, e.Host
			e = *contextFault(c.Context)
			e.Op, e.Host = op, host
		}
	}
	if e.Where == "" {
		e.Where = Where(L)
	}
	L.Error(ErrorObject(L, &e), 1)
}

// Where tells the nearest line of the user's own files on the stack, skipping
// Go and the Lua that ships in the binary. It is "" when there is none.
func Where(L *lua.LState) string {
	for level := 0; ; level++ {
		dbg, ok := L.GetStack(level)
		if !ok {
			return ""
		}
		fn, err := L.GetInfo("fSl", dbg, lua.LNil)
		if f, isFn := fn.(*lua.LFunction); err != nil || !isFn || f.IsG || strings.HasPrefix(dbg.Source, StdlibPrefix) {
			continue
		}
		return fmt.Sprintf("%s:%d", dbg.Source, dbg.CurrentLine)
	}
}

// FromCall makes an error of what a protected call returned: what was raised,
// with its place and the user's own lines that led there.
//
// The lines come from the trace that gopher-lua takes where the error happened.
// An error handler of our own would see the stack as well, but with one
// gopher-lua leaves the locals that closures share open, and they are lost.
func FromCall(L *lua.LState, err error) *fault.Error {
	var api *lua.ApiError
	if !errors.As(err, &api) {
		return fault.From(err)
	}
	raised := api.Object
	if raised == nil || raised == lua.LNil {
		raised = lua.LString("nil was raised")
	}
	e := FromRaised(L, raised)
	if e.Trace == nil {
		e.Trace = userLines(api.StackTrace)
	}
	if e.Where == "" && len(e.Trace) > 0 {
		e.Where, _, _ = strings.Cut(e.Trace[0], ": in ")
	}
	if th, ok := L.Context().(Thread); ok && e.Host == "" {
		e.Host = HostOf(th.Real())
	}
	return e
}

// userLines takes the frames of the user's own files from a stack trace.
func userLines(trace string) []string {
	var lines []string
	for _, line := range strings.Split(trace, "\n")[1:] {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[G]") || strings.HasPrefix(line, StdlibPrefix) || !strings.Contains(line, ": in ") {
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// FromRaised makes an error of a value given to error(): an error object stays
// itself, a table may carry kind, message and hint, the rest is a message.
func FromRaised(L *lua.LState, raised lua.LValue) *fault.Error {
	if e := ErrorOf(raised); e != nil {
		return e
	}
	if table, ok := raised.(*lua.LTable); ok {
		if message, ok := table.RawGetString("message").(lua.LString); ok {
			e := fault.New(kindOf(table), "%s", string(message))
			e.Hint = lua.LVAsString(table.RawGetString("hint"))
			return e
		}
	}
	message := L.ToStringMeta(raised).String()
	place, rest := splitPlace(message)
	return &fault.Error{Kind: fault.Script, Message: inLuaWords(rest), Where: place}
}

// notTable is how the interpreter says that it cannot look a key up.
var notTable = regexp.MustCompile(`^attempt to index a non-table object\((\w+)\) with key`)

// inLuaWords says mistakes in the words of the Lua manual.
func inLuaWords(message string) string {
	if message == "attempt to call a non-function object" {
		return "attempt to call a value that is not a function: is the name misspelt?"
	}
	return notTable.ReplaceAllString(message, "attempt to index a $1 value with key")
}

// Raised makes the error object of a table given to error(), where it is
// raised; nil for a table that carries no message.
func Raised(L *lua.LState, table *lua.LTable) *lua.LUserData {
	if _, ok := table.RawGetString("message").(lua.LString); !ok {
		return nil
	}
	e := FromRaised(L, table)
	e.Where = Where(L)
	return ErrorObject(L, e)
}

func kindOf(table *lua.LTable) fault.Kind {
	given := fault.Kind(lua.LVAsString(table.RawGetString("kind")))
	for _, k := range fault.Kinds {
		if k == given {
			return k
		}
	}
	return fault.Script
}

// splitPlace takes the "file.lua:12:" that Lua puts before a message.
func splitPlace(message string) (place, rest string) {
	head, rest, ok := strings.Cut(message, ": ")
	colon := strings.LastIndexByte(head, ':')
	if !ok || colon < 1 || strings.ContainsAny(head, "\n") {
		return "", message
	}
	for _, r := range head[colon+1:] {
		if r < '0' || r > '9' {
			return "", message
		}
	}
	switch {
	case head[colon+1:] == "":
		return "", message
	case strings.HasPrefix(head, StdlibPrefix): // not the user's own line: the trace knows that
		return "", rest
	}
	return head, rest
}

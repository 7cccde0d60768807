package vm

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"gofab/internal/luastr"
)

// The standard streams belong to the run: what a script writes goes through
// the event stream, and a read drops the interpreter lock. Files opened by
// io.open are stock.

// stream is one of io.stdin, io.stdout, io.stderr, or a pipe of io.popen.
type stream struct {
	name  string
	in    *bufio.Reader
	write func(L *lua.LState, text string)
	close func(L *lua.LState) int
}

const streamClass = "gofab.stream"

func (vm *VM) openIO(L *lua.LState) {
	library := vm.library(lua.IoLibName)
	meta := L.NewTypeMetatable(streamClass)
	methods := L.NewTable()
	set(L, methods, map[string]lua.LGFunction{
		"read": streamRead, "lines": streamLines, "write": streamWrite,
		"close": streamClose, "flush": streamFlush, "setvbuf": streamFlush,
	})
	meta.RawSetString("__index", methods)
	meta.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString("file (" + checkStream(L).name + ")"))
		return 1
	}))
	stdin := newStream(L, &stream{name: "stdin", in: bufio.NewReader(vm.env.World.Stdin())})
	stdout := newStream(L, &stream{name: "stdout", write: write})
	stderr := newStream(L, &stream{name: "stderr", write: vm.writeError})
	library.RawSetString("stdin", stdin)
	library.RawSetString("stdout", stdout)
	library.RawSetString("stderr", stderr)
	stockLines := library.RawGetString("lines").(*lua.LFunction).GFunction
	set(L, library, map[string]lua.LGFunction{
		"write": func(L *lua.LState) int { L.Insert(stdout, 1); return streamWrite(L) },
		"read":  func(L *lua.LState) int { L.Insert(stdin, 1); return streamRead(L) },
		"lines": func(L *lua.LState) int {
			if L.GetTop() > 0 && L.Get(1) != lua.LNil {
				return stockLines(L)
			}
			L.SetTop(0)
			L.Push(stdin)
			return streamLines(L)
		},
		"popen": vm.popen,
	})
	for _, name := range []string{"input", "output"} {
		library.RawSetString(name, lua.LNil)
	}
}

func newStream(L *lua.LState, s *stream) *lua.LUserData {
	ud := L.NewUserData()
	ud.Value = s
	ud.Metatable = L.GetTypeMetatable(streamClass)
	return ud
}

func checkStream(L *lua.LState) *stream {
	s, ok := L.CheckUserData(1).Value.(*stream)
	if !ok {
		L.ArgError(1, "file expected")
	}
	return s
}

func (vm *VM) writeError(L *lua.LState, text string) {
	released(L, func() { _, _ = io.WriteString(vm.env.World.Stderr(), vm.env.Secrets.Redact(text)) })
}

// streamWrite writes strings and numbers and gives the stream back.
func streamWrite(L *lua.LState) int {
	s := checkStream(L)
	if s.write == nil {
		L.RaiseError("%s is not open for writing", s.name)
	}
	var text strings.Builder
	for i := 2; i <= L.GetTop(); i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			text.WriteString(string(v))
		case lua.LNumber:
			text.WriteString(luastr.NumberText(float64(v)))
		default:
			L.ArgError(i, "string expected, got "+v.Type().String())
		}
	}
	s.write(L, text.String())
	L.SetTop(1)
	return 1
}

// streamRead reads one item per format: "*l" (the default), "*n", "*a", or a
// number of bytes. At the end it gives nil.
func streamRead(L *lua.LState) int {
	s := checkStream(L)
	if s.in == nil {
		L.RaiseError("%s is not open for reading", s.name)
	}
	formats := []lua.LValue{lua.LString("*l")}
	if n := L.GetTop(); n > 1 {
		formats = formats[:0]
		for i := 2; i <= n; i++ {
			formats = append(formats, L.Get(i))
		}
	}
	results := s.items(L, formats)
	for i, r := range results {
		if r == nil {
			L.ArgError(i+2, "invalid format")
		}
		L.Push(r)
	}
	return len(results)
}

// items reads outside the interpreter lock. The end of the thread's context does
// not wait for what nobody types; the reader then stays behind until the
// process ends.
func (s *stream) items(L *lua.LState, formats []lua.LValue) []lua.LValue {
	t := threadOf(L)
	done := make(chan []lua.LValue, 1)
	released(L, func() {
		t.Env().Events.Flush()
		go func() {
			results := make([]lua.LValue, 0, len(formats))
			for _, f := range formats {
				results = append(results, readItem(s.in, f))
			}
			done <- results
		}()
		select {
		case results := <-done:
			done <- results
		case <-t.real.Done():
			t.stopped.Store(true)
			done <- []lua.LValue{lua.LNil}
		}
	})
	return <-done
}

// readItem reads by one format; nil (of Go) means that there is no such
// format.
func readItem(in *bufio.Reader, format lua.LValue) lua.LValue {
	if n, ok := format.(lua.LNumber); ok {
		return readBytes(in, int(n))
	}
	switch strings.TrimPrefix(format.String(), "*") {
	case "l":
		line, err := in.ReadString('\n')
		if err != nil && line == "" {
			return lua.LNil
		}
		return lua.LString(strings.TrimSuffix(line, "\n"))
	case "a":
		data, _ := io.ReadAll(in)
		return lua.LString(data)
	case "n":
		var n float64
		if _, err := fmt.Fscan(in, &n); err != nil {
			return lua.LNil
		}
		return lua.LNumber(n)
	default:
		return nil
	}
}

func readBytes(in *bufio.Reader, n int) lua.LValue {
	if n == 0 {
		if _, err := in.Peek(1); err != nil {
			return lua.LNil
		}
		return lua.LString("")
	}
	data, _ := io.ReadAll(io.LimitReader(in, int64(n)))
	if len(data) == 0 {
		return lua.LNil
	}
	return lua.LString(data)
}

func streamLines(L *lua.LState) int {
	s := checkStream(L)
	L.Push(L.NewFunction(func(L *lua.LState) int {
		L.Push(s.items(L, []lua.LValue{lua.LString("*l")})[0])
		return 1
	}))
	return 1
}

func streamFlush(L *lua.LState) int {
	L.Push(lua.LTrue)
	return 1
}

func streamClose(L *lua.LState) int {
	s := checkStream(L)
	if s.close != nil {
		return s.close(L)
	}
	L.Push(lua.LTrue)
	return 1
}

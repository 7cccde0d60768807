package vm_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/runtime/vm"
	"gofab/runtime/vm/vmtest"
)

// run runs a chunk in a fresh world and gives what it printed.
func run(t *testing.T, script string, modules ...*kit.Module) (string, error) {
	t.Helper()
	w := vmtest.New(t, vm.Options{Modules: append(modules, vmtest.Module())})
	_, err := w.VM.RunString(context.Background(), script, "test.lua")
	return w.Printed(), err
}

func TestPrintsLikePUCLua(t *testing.T) {
	for script, want := range map[string]string{
		`print(0.1+0.2)`:                                       "0.3\n",
		`print(1e15, 2^53, -0.5, 1/3)`:                         "1e+15\t9.007199254741e+15\t-0.5\t0.33333333333333\n",
		`print("x" .. 0.1+0.2 .. "y" .. 10/2)`:                 "x0.3y5\n",
		`print(table.concat({0.1+0.2, "a", 3}))`:               "0.3a3\n",
		`print(tostring(0.1+0.2))`:                             "0.3\n",
		`io.write(0.1+0.2, "\n")`:                              "0.3\n",
		`print(string.format("%s %d", 0.5, 7))`:                "0.5 7\n",
		`print(1/0, -1/0, 100000000000000)`:                    "inf\t-inf\t1e+14\n",
		`print(("a,b"):gsub(",", ";"))`:                        "a;b\t1\n",
		`local t = {...}; print(#t)`:                           "0\n",
		`print((("x"):rep(3, 2)))`:                             "xxx\n",
		`print(#"abc" .. "d")`:                                 "3d\n",
		`local function f() return 1, 2 end print("a" .. f())`: "a1\n",
	} {
		if got, err := run(t, script); err != nil || got != want {
			t.Errorf("%s\n got %q, %v\nwant %q", script, got, err, want)
		}
	}
}

func TestErrorsNameTheUsersLine(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"error":             {"\nerror('boom')", "test.lua:2: boom"},
		"runtime":           {"\n\nlocal x = nil + 1", "test.lua:3: "},
		"concat":            {"local x\nprint('a' .. x)", "test.lua:2: attempt to concatenate a nil value"},
		"global read":       {"\nprint(prnt)", `test.lua:2: undeclared global "prnt" (did you mean "print"?)`},
		"global write":      {"local function f()\n  count = 1\nend\nf()", `test.lua:2: assignment to undeclared global "count" inside a function`},
		"syntax":            {"x = = 1", "test.lua:1: "},
		"unfinished":        {"if true then\n", "unexpected end of the script"},
		"module":            {"\nrequire 'nosuch'", `test.lua:2: no module "nosuch"`},
		"in a callback":     {"test.each(function()\n error('inner') end)", "test.lua:2: inner"},
		"binding":           {"\ntest.sleep('x')", `test.lua:2: test.sleep: time: "x" is not a duration`},
		"table":             {"\nerror{kind='denied', message='no', hint='ask'}", "test.lua:2: no"},
		"wrong option":      {"\ntest.sleep{tiem=1}", `unknown option "tiem" (did you mean "time"?)`},
		"missing":           {"\ntest.sleep()", `test.lua:2: test.sleep: missing argument "time"`},
		"in coroutine.wrap": {"\ncoroutine.wrap(function()\nerror('co') end)()", "test.lua:3: co"},
	} {
		_, err := run(t, c.script)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestErrorObjects(t *testing.T) {
	got, err := run(t, `
local v, e = try(error, {kind = "denied", message = "no", hint = "ask root"})
print(v, e.kind, e.message, e.hint)
local ok, e = pcall(test.sleep, "x")
print(ok, e.kind, e.op, e.where)
local _, e = try(function() local x = nil; return x.y end)
print(e.kind, e.where)
print("failed: " .. select(2, try(error, "plain", 0)))
print(try(function() return 1, 2 end))
`)
	want := `nil	denied	no	ask root
false	usage	test.sleep	test.lua:4
script	test.lua:6
failed: test.lua:8: plain
1	2
`
	if err != nil || got != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
}

func TestTraceback(t *testing.T) {
	_, err := run(t, "local function inner()\n  error('deep')\nend\nlocal function outer()\n  inner()\n  return 1\nend\nouter()")
	e := fault.From(err)
	want := []string{"test.lua:2", "test.lua:5", "test.lua:8"}
	for i, place := range want {
		if i >= len(e.Trace) || !strings.HasPrefix(e.Trace[i], place) {
			t.Fatalf("traceback %q, want the places %q", e.Trace, want)
		}
	}
}

// The two hundred threads of DESIGN.md: bindings that block inside coroutines,
// metamethods, comparators, gsub callbacks, iterators, handlers, recursion.
const everywhere = `
local tick = function() test.yield() end
local co = coroutine.wrap(function() for i = 1, 3 do tick(); coroutine.yield(i) end end)
local sum = co() + co() + co()
local mt = setmetatable({}, {__index = function(_, k) tick(); return k end, __add = function(a, b) tick(); return 5 end,
  __lt = function() tick(); return false end, __concat = function() tick(); return "c" end, __call = function() tick(); return 9 end})
assert(mt.key == "key" and mt + mt == 5 and mt .. "x" == "c" and mt() == 9 and not (mt < mt))
local list = {5, 3, 9, 1}
table.sort(list, function(a, b) tick(); return a < b end)
assert(table.concat(list, ",") == "1,3,5,9")
assert((("a b c"):gsub("%a", function(c) tick(); return c:upper() end)) == "A B C")
local function iter() local i = 0; return function() tick(); i = i + 1; if i < 4 then return i end end end
for i in iter() do sum = sum + i end
local ok, msg = xpcall(function() tick(); error("x", 0) end, function(m) tick(); return m .. "!" end)
assert(not ok and msg == "x!")
local function deep(n) tick(); if n == 0 then return 0 end return 1 + deep(n - 1) end
assert(deep(50) == 50)
assert(not pcall(function() local function f() return 1 + f() end return f() end))
total = total + sum
`

func TestManyThreadsShareOneWorld(t *testing.T) {
	w := vmtest.New(t, vm.Options{Modules: []*kit.Module{vmtest.Module()}})
	ctx := context.Background()
	if _, err := w.VM.RunString(ctx, "total = 0", "init.lua"); err != nil {
		t.Fatal(err)
	}
	const threads = 200
	var wg sync.WaitGroup
	errs := make(chan error, threads)
	for range threads {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := w.VM.RunString(ctx, everywhere, "thread.lua")
			errs <- err
		}()
	}
	wg.Wait()
	for range threads {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.VM.RunString(ctx, "return total", "end.lua")
	if err != nil || got[0] != fmt.Sprint(threads*12) {
		t.Fatalf("total %v, %v; want %d: an update was lost", got, err, threads*12)
	}
}

func TestCancellationEndsEverything(t *testing.T) {
	for name, script := range map[string]string{
		"loop":            `test.ready() while true do end`,
		"pcall loop":      `test.ready() while true do pcall(function() while true do end end) end`,
		"blocked binding": `test.ready() test.sleep("1h")`,
		"pcall binding":   `test.ready() while true do pcall(test.sleep, "1h") end`,
		"try binding":     `test.ready() while true do try(test.sleep, "1h") end`,
		"coroutine":       `test.ready() coroutine.wrap(function() while true do end end)()`,
		"pattern bomb":    `test.ready() local s = ("a"):rep(3000) while true do s:find(("a-"):rep(60) .. "b") end`,
		"callback":        `test.each(function() test.ready() while true do end end)`,
	} {
		t.Run(name, func(t *testing.T) {
			w := vmtest.New(t, vm.Options{Modules: []*kit.Module{vmtest.Module()}})
			ctx, cancel := context.WithCancelCause(context.Background())
			done := make(chan error, 1)
			go func() {
				_, err := w.VM.RunString(ctx, script, "test.lua")
				done <- err
			}()
			<-w.Ready
			cancel(fault.New(fault.Cancelled, "interrupted by Ctrl-C"))
			select {
			case err := <-done:
				if fault.KindOf(err) != fault.Cancelled {
					t.Fatalf("got %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("the script did not end")
			}
		})
	}
}

func TestBounds(t *testing.T) {
	for _, script := range []string{
		`string.rep("x", 1e12)`,
		`local function f() return f() + 1 end f()`,
		`string.format("%99999d", 1)`,
		`("x"):rep(1e9):rep(1e9)`,
	} {
		if _, err := run(t, script); err == nil {
			t.Errorf("%s: no error", script)
		}
	}
}

func TestRequire(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("beside.lua", `return { name = "beside", loads = (...) }`)
	write("lib/nested/init.lua", `local b = require "beside"; return b.name .. "+nested"`)
	write("broken.lua", "local x = = 2")
	write("chicken.lua", `require "egg"`)
	write("egg.lua", `require "chicken"`)
	write("deploy.lua", `print(require("beside").loads, require "nested", require "greet".hello(), require("test") == test)`)
	stdlib := fstest.MapFS{"greet/init.lua": {Data: []byte(`local M = {} function M.hello() return "hi" end return M`)}}
	w := vmtest.New(t, vm.Options{
		Modules: []*kit.Module{vmtest.Module()}, Stdlib: stdlib, Paths: []string{dir, filepath.Join(dir, "lib")},
	})
	if err := w.VM.RunFile(context.Background(), filepath.Join(dir, "deploy.lua")); err != nil {
		t.Fatal(err)
	}
	if got := w.Printed(); got != "beside\tbeside+nested\thi\ttrue\n" {
		t.Errorf("got %q", got)
	}
	_, err := w.VM.RunString(context.Background(), "require 'broken'", "x.lua")
	if err == nil || !strings.Contains(err.Error(), "broken.lua:1") {
		t.Errorf("a broken module is not named: %v", err)
	}
	for range 2 { // the second time as well: nothing is left behind
		_, err = w.VM.RunString(context.Background(), "require 'chicken'", "x.lua")
		if err == nil || !strings.Contains(err.Error(), `egg.lua:1: require "chicken" goes in a circle`) {
			t.Errorf("a circle is not named: %v", err)
		}
	}
	if _, err := w.VM.RunString(context.Background(), "require '../etc/passwd'", "x.lua"); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
}

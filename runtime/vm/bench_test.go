package vm_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"gofab/bindings/kit"
	"gofab/runtime/vm"
	"gofab/runtime/vm/vmtest"
)

// repeat runs a chunk that does something b.N times.
func repeat(b *testing.B, setup, body string) {
	b.Helper()
	w := vmtest.New(b, vm.Options{Modules: []*kit.Module{vmtest.Module(), benchModule()}})
	script := fmt.Sprintf("%s\nfor i = 1, %d do %s end", setup, b.N, body)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := w.VM.RunString(context.Background(), script, "bench.lua"); err != nil {
		b.Fatal(err)
	}
}

type benchArgs struct {
	Name    string `lua:"name,arg1" doc:"A name."`
	Type    string `lua:"type,arg2" default:"A" doc:"A type."`
	Retries int    `lua:"retries" default:"2" doc:"A number."`
}

type benchResult struct {
	Name string `lua:"name" doc:"The name."`
	Code int    `lua:"code" doc:"A code."`
}

func benchModule() *kit.Module {
	return &kit.Module{Name: "bench", Doc: "Functions that do nothing.", Funcs: []kit.Func{
		kit.Fn("call", "Do nothing with options and a result.", func(_ *kit.Call, a benchArgs) (benchResult, error) {
			return benchResult{a.Name, a.Retries}, nil
		}),
	}}
}

// The overhead of a binding: arguments, lock, result.
func BenchmarkBindingCall(b *testing.B) {
	repeat(b, "local call = bench.call", `call("web1", { retries = 3 })`)
}

func BenchmarkBindingCallPlain(b *testing.B) {
	repeat(b, "local call = bench.call", `call("web1")`)
}

const logMatch = `local line = [[203.0.113.9 - - [10/Oct/2026:13:55:36 +0000] "GET /api/v1/items?page=2 HTTP/1.1" 200 2326 "-" "curl/8.5.0"]] .. ""
local pattern = [=[^(%S+) %S+ %S+ %[([^%]]+)%] "(%u+) ([^ "]+)[^"]*" (%d+) (%d+)]=]
local match = string.match`

func BenchmarkLogLine(b *testing.B) {
	b.Run("gofab", func(b *testing.B) { repeat(b, logMatch, `match(line, pattern)`) })
	b.Run("gopher-lua", func(b *testing.B) {
		L := lua.NewState()
		defer L.Close()
		b.ReportAllocs()
		if err := L.DoString(fmt.Sprintf("%s\nfor i = 1, %d do match(line, pattern) end", logMatch, b.N)); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkConcat(b *testing.B) {
	const setup = `local a, n = "web", 7`
	b.Run("gofab", func(b *testing.B) { repeat(b, setup, `local s = a .. n .. ".example.org"`) })
	b.Run("gopher-lua", func(b *testing.B) {
		L := lua.NewState()
		defer L.Close()
		b.ReportAllocs()
		if err := L.DoString(fmt.Sprintf("%s\nfor i = 1, %d do local s = a .. n .. '.example.org' end", setup, b.N)); err != nil {
			b.Fatal(err)
		}
	})
}

// What cancellation costs a plain loop.
func BenchmarkLoop(b *testing.B) {
	const body = "local x = 0 for i = 1, %d do x = x + i %% 7 end"
	b.Run("gofab", func(b *testing.B) { repeat(b, "local x = 0", "x = x + i % 7") })
	b.Run("gopher-lua", func(b *testing.B) {
		L := lua.NewState()
		defer L.Close()
		if err := L.DoString(fmt.Sprintf(body, b.N)); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("gopher-lua-context", func(b *testing.B) {
		L := lua.NewState()
		defer L.Close()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		L.SetContext(ctx)
		if err := L.DoString(fmt.Sprintf(body, b.N)); err != nil {
			b.Fatal(err)
		}
	})
}

// A host's thread: time to start and end one, and what it holds while it waits.
func BenchmarkThread(b *testing.B) {
	w := vmtest.New(b, vm.Options{})
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, end := w.VM.Spawn(ctx)
		end()
	}
	b.StopTimer()
	const threads = 2000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept := make([]*lua.LState, threads)
	for i := range kept {
		L, end := w.VM.Spawn(ctx)
		kept[i] = L
		end()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/threads, "B/thread")
	runtime.KeepAlive(kept)
}

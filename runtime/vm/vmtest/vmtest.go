// Package vmtest makes Lua worlds for tests: a real interpreter with a world
// whose output is kept, and a module with functions that block, call back and
// fail.
package vmtest

import (
	"context"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/secret"
	"gofab/runtime/vm"
)

// World is an interpreter with what it printed.
type World struct {
	VM    *vm.VM
	Env   *kit.Env
	Ready chan struct{} // gets a value when a script calls test.ready()
	mu    sync.Mutex
	out   strings.Builder
}

type readyKey struct{}

// New makes a world that is closed with the test.
func New(t testing.TB, o vm.Options) *World {
	w := &World{Ready: make(chan struct{}, 1)}
	w.Env = &kit.Env{World: door{}, Events: w, Secrets: &secret.Redactor{}, Shared: kit.NewShared()}
	kit.SharedValue(w.Env.Shared, readyKey{}, func() chan struct{} { return w.Ready })
	o.Env = w.Env
	w.VM = vm.New(o)
	t.Cleanup(w.VM.Close)
	return w
}

// Printed gives what scripts have printed so far.
func (w *World) Printed() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.String()
}

// Print keeps the script's output.
func (w *World) Print(_, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out.WriteString(text)
}

// Flush has nothing to do.
func (w *World) Flush() {}

// The other events are not kept.

func (w *World) Log(_, _, _ string, _ map[string]any)                          {}
func (w *World) CommandStart(_, _, _ string, _ bool)                           {}
func (w *World) Line(_, _, _ string)                                           {}
func (w *World) CommandEnd(_, _ string, _ int, _ bool, _ time.Duration, _ int) {}
func (w *World) Progress(_, _ string, _, _ int64, _ bool)                      {}

// door is a world without a process around it.
type door struct{}

func (door) Getenv(string) (string, bool) { return "", false }
func (door) Environ() []string            { return nil }
func (door) Setenv(string, string)        {}
func (door) Dir() string                  { return "." }
func (door) Home() string                 { return "" }
func (door) Now() time.Time               { return time.Unix(0, 0) }
func (door) Stdin() io.Reader             { return strings.NewReader("") }
func (door) Stdout() io.Writer            { return io.Discard }
func (door) Stderr() io.Writer            { return io.Discard }
func (door) RequestExit(int)              {}
func (door) Ask(context.Context, string, bool) (string, error) {
	return "", io.EOF
}
func (door) Console() (kit.Console, error) { return nil, io.EOF }

// Module is `test`: functions that do what bindings can do.
func Module() *kit.Module {
	return &kit.Module{
		Name: "test", Doc: "Functions for tests of the interpreter.",
		Funcs: []kit.Func{
			kit.Fn("yield", "Give the interpreter away once.", func(*kit.Call, struct{}) (kit.None, error) {
				runtime.Gosched()
				return kit.None{}, nil
			}),
			kit.Fn("ready", "Tell the test that the script has come here.", func(c *kit.Call, _ struct{}) (kit.None, error) {
				select {
				case kit.SharedValue(c.Shared, readyKey{}, func() chan struct{} { return nil }) <- struct{}{}:
				default:
				}
				return kit.None{}, nil
			}),
			kit.Fn("sleep", "Wait for a time or the end of the context.", sleep),
			kit.Fn("each", "Call a function from another goroutine.", each),
		},
	}
}

type sleepArgs struct {
	Time time.Duration `lua:"time,arg1" doc:"How long."`
}

func sleep(c *kit.Call, a sleepArgs) (kit.None, error) {
	select {
	case <-time.After(a.Time):
		return kit.None{}, nil
	case <-c.Context.Done():
		return kit.None{}, c.Context.Err()
	}
}

type eachArgs struct {
	F kit.Callback `lua:"f,last" doc:"The function."`
}

func each(c *kit.Call, a eachArgs) (kit.None, error) {
	done := make(chan error, 1)
	go func() {
		_, err := a.F.Call(c.Context)
		done <- err
	}()
	return kit.None{}, <-done
}

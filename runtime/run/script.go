package run

import (
	"context"

	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/extend"
	"gofab/runtime/host"
	"gofab/runtime/luatest"
)

// Evaluate runs a piece of Lua as a plain script.
func (r *Run) Evaluate(source, name string, args []string) error {
	if err := r.stage(); err != nil {
		return err
	}
	r.VM.SetGlobal("arg", append([]string{name}, args...))
	_, err := r.VM.RunString(r.Context, source, name, args...)
	if err != nil {
		return r.explain(err)
	}
	return extend.Of(r.Env).Declared()
}

// Stage makes a run without a script ready: with a sandbox it has hosts. A
// format that only a script could declare does not exist.
func (r *Run) Stage() error {
	if err := extend.Of(r.Env).Declared(); err != nil {
		return err
	}
	return r.stage()
}

// Ended gives the reason when the run was ended from outside, as by Ctrl-C
// after the last line of a script.
func (r *Run) Ended() error {
	if r.Context.Err() == nil {
		return nil
	}
	return fault.From(context.Cause(r.Context))
}

// Flush waits until all that was told so far has been shown.
func (r *Run) Flush() error { return r.Events.Flush(r.Context) }

// Exec does the same on the hosts that an expression means and gives the results.
func (r *Run) Exec(targets string, o host.ExecOptions) (*host.Results, error) {
	hosts, err := r.Select(targets)
	if err != nil {
		return nil, err
	}
	e := event.RunStart{File: "exec", Tasks: []string{"exec"}}
	for _, h := range hosts {
		e.Hosts = append(e.Hosts, h.Name)
	}
	r.Events.Emit(e)
	results := host.Exec(r.Context, r.services, hosts, o)
	r.end(results.Each())
	return results, nil
}

// maxFile bounds a file that ReadAll takes into memory.
const maxFile = 256 << 20

// ReadAll reads a file on all hosts of a target expression.
func (r *Run) ReadAll(targets, path string) ([]host.FileOf, error) {
	hosts, err := r.Hosts.Select(r.Context, targets)
	if err != nil {
		return nil, err
	}
	return host.ReadAll(r.Context, r.services, hosts, path, maxFile), nil
}

// Test is a run as the test runner drives it.
type Test struct {
	*Run
	file string
}

// NewTest makes the world of one test file of a run.
func NewTest(r *Run, file string) *Test { return &Test{r, file} }

var _ luatest.World = (*Test)(nil)

// RunFile loads the test file.
func (t *Test) RunFile(_ context.Context, path string, args ...string) error {
	return t.Load(path, args)
}

// RunString runs a chunk.
func (t *Test) RunString(ctx context.Context, source, name string, args ...string) ([]string, error) {
	values, err := t.VM.RunString(ctx, source, name, args...)
	_ = t.Events.Flush(ctx)
	return values, err
}

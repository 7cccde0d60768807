package run

import (
	"context"
	"path/filepath"

	"gofab/runtime/extend"
	"gofab/runtime/task"
)

// Load runs a fabfile's main chunk: it declares hosts and tasks, or does the
// whole work when there are none. args become the global `arg`.
func (r *Run) Load(path string, args []string) error {
	r.file, r.dir, r.words = path, r.options.World.Dir(), args
	dir := filepath.Dir(path)
	r.VM.AddPaths(dir, filepath.Join(dir, "lib"))
	r.VM.SetGlobal("arg", append([]string{path}, args...))
	if err := r.VM.RunFile(task.Including(r.Context, path), path, args...); err != nil {
		return r.explain(err)
	}
	if err := extend.Of(r.Env).Declared(); err != nil {
		return err
	}
	return r.stage()
}

// stage gives a sandbox its hosts where the script named none.
func (r *Run) stage() error {
	if !r.options.Sandbox.On || len(r.Hosts.Hosts()) > 0 {
		return nil
	}
	return r.declareSandboxes()
}

func (r *Run) declareSandboxes() error {
	var names []string
	for i := range r.options.Sandbox.Count {
		names = append(names, sandboxName(i+1))
	}
	if len(names) == 0 {
		return nil
	}
	return r.Hosts.Offer("sandbox", names)
}

// include runs a file that another one includes. What it requires is found
// beside it as well.
func (r *Run) include(ctx context.Context, path string) error {
	r.VM.AddPaths(filepath.Dir(path))
	return r.VM.RunFile(ctx, path)
}

package sys

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/sysinfo"
)

type popenArgs struct {
	Command []string          `lua:"command,arg1" doc:"The program and its arguments; no shell reads them."`
	Cwd     string            `lua:"cwd" default:"" doc:"Working folder."`
	Env     map[string]string `lua:"env" default:"" doc:"Environment variables to set."`
	Stdout  string            `lua:"stdout" default:"" doc:"File to append standard output to; dropped when absent."`
	Stderr  string            `lua:"stderr" default:"" doc:"File to append standard error to; where standard output goes when absent."`
}

// children are what a run started; they end with it.
type children struct {
	mu   sync.Mutex
	list []*sysinfo.Process
}

type childrenKey struct{}

// Close ends them.
func (k *children) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.list {
		p.End()
	}
	return nil
}

func popen(c *kit.Call, a popenArgs) (*sysinfo.Process, error) {
	if len(a.Command) == 0 {
		return nil, fault.New(fault.Usage, "no program given").WithHint(`sys.popen{ "sleep", "60" }`)
	}
	s, err := sysinfo.Local(c.World.Getenv)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(a.Command[0], a.Command[1:]...) //nolint:noctx // it outlives the call, and ends with the run
	if errors.Is(cmd.Err, exec.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "there is no program %q", a.Command[0])
	}
	cmd.Dir, cmd.Env = c.Path(a.Cwd), c.World.Environ()
	for name, value := range a.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	files, err := a.redirect(c, cmd)
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	p, err := s.Start(cmd)
	if err == nil {
		kit.SharedValue(c.Shared, childrenKey{}, func() *children { return &children{} }).add(p)
	}
	return p, err
}

func (k *children) add(p *sysinfo.Process) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = append(slices.DeleteFunc(k.list, (*sysinfo.Process).Over), p)
}

// redirect opens the files for the output.
func (a popenArgs) redirect(c *kit.Call, cmd *exec.Cmd) (files []*os.File, err error) {
	open := func(path string) (*os.File, error) {
		f, err := os.OpenFile(filepath.Clean(c.Path(path)), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
		if err != nil {
			return nil, fault.OS(err, "cannot write %s", path)
		}
		files = append(files, f)
		return f, nil
	}
	if a.Stdout != "" {
		f, err := open(a.Stdout)
		if err != nil {
			return files, err
		}
		cmd.Stdout, cmd.Stderr = f, f
	}
	if a.Stderr != "" {
		f, err := open(a.Stderr)
		if err != nil {
			return files, err
		}
		cmd.Stderr = f
	}
	return files, nil
}

type waitAllArgs struct {
	List    []*sysinfo.Process `lua:"processes,arg1" doc:"Processes to wait for."`
	Timeout time.Duration      `lua:"timeout" default:"0s" doc:"Limit; 0 is none."`
	OnEnd   kit.Callback       `lua:"on_end" default:"" doc:"Function that is called with each process as it ends, and its exit code."`
}

// Waited is what sys.wait gives.
type Waited struct {
	Gone  []*sysinfo.Process `lua:"gone" doc:"Those that ended, in the order they did."`
	Alive []*sysinfo.Process `lua:"alive" doc:"Those that still run."`
}

func waitAll(c *kit.Call, a waitAllArgs) (w Waited, err error) {
	w.Alive, err = sysinfo.WaitAll(c.Context, a.List, a.Timeout, func(p *sysinfo.Process, code *int) error {
		w.Gone = append(w.Gone, p)
		if a.OnEnd.IsZero() {
			return nil
		}
		_, err := a.OnEnd.Call(c.Context, p, code)
		return err
	})
	return w, err
}

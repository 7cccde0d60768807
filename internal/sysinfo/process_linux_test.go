package sysinfo

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gofab/internal/testenv"
)

// start starts a program that ends with the test, and waits until it is the
// program and no longer the fork.
func start(t testing.TB, set func(*exec.Cmd), words ...string) *Process {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	if set != nil {
		set(cmd)
	}
	p, err := here(t).Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.End)
	return p
}

// oddities are processes as they are seldom met.
func oddities(t *testing.T) map[string]*Process {
	dir := t.TempDir()
	found := map[string]*Process{"plain": start(t, nil, "sleep", "600")}
	for name, file := range map[string]string{"renamed": "a) R 1 (b\nc", "long": "a-name-longer-than-fifteen-bytes"} {
		data, err := os.ReadFile(testenv.Require(t, "sleep"))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, data, 0o755); err != nil {
			t.Fatal(err)
		}
		found[name] = start(t, nil, path, "600")
		if name == "long" { // the program that runs is no longer there
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	found["huge"] = start(t, nil, "sh", "-c", "sleep 600; :", strings.Repeat("x", 100_000), "last")
	found["stopped"] = start(t, nil, "sleep", "600")
	if err := found["stopped"].Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	found["zombie"] = zombie(t)
	f, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found["files"] = start(t, func(c *exec.Cmd) { c.Stdout, c.Dir, c.Env = f, dir, []string{"A=1", "B=x y", "C="} }, "sleep", "600")
	if os.Geteuid() == 0 {
		found["namespace"] = inNamespace(t)
	}
	return found
}

// zombie is a process that has ended and that nobody has asked about.
func zombie(t *testing.T) *Process {
	parent := start(t, nil, "sh", "-c", "sleep 0 & exec sleep 600")
	for deadline := time.Now().Add(10 * time.Second); ; {
		children, err := parent.Children(context.Background(), true)
		if err != nil || time.Now().After(deadline) {
			t.Fatal("no zombie", err)
		}
		for _, p := range children {
			if st, err := p.now(); err == nil && st.words[0][0] == 'Z' {
				return p
			}
		}
	}
}

func inNamespace(t *testing.T) *Process {
	s := here(t)
	cmd := exec.Command("sleep", "600")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	p, err := s.Process(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// settled waits until a process runs its own program.
func settled(t *testing.T, p *Process) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		i, err := p.Info(context.Background(), []string{"status", "exe"})
		if err != nil {
			t.Fatal(err)
		}
		if *i.Status == "zombie" || *i.Status == "stopped" || i.Exe != nil && *i.Status == "sleeping" && !strings.HasSuffix(*i.Exe, ".test") {
			return
		}
	}
	t.Fatalf("%v does not come to rest", p)
}

// Processes at rest are as psutil sees them, in all that is known of them.
func TestProcessesAgainstPsutil(t *testing.T) {
	original := psutil(t)
	for name, p := range oddities(t) {
		settled(t, p)
		var want record
		original.Ask(record{"call": "process", "pid": p.PID, "kind": "all", "limit": "NOFILE"}, &want)
		i, err := p.Info(context.Background(), Fields())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := comparison{t, name}
		c.whole(p, i, want)
		few := must(p.Info(context.Background(), []string{"uids", "rss", "vms", "memory_percent"}))
		c.same("memory by another file", fmt.Sprint(*few.RSS, *few.VMS, *few.MemPercent), fmt.Sprint(*i.RSS, *i.VMS, *i.MemPercent))
	}
}

// orNil is what a pointer points to.
func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func (c comparison) whole(p *Process, i *Info, want record) {
	for name, got := range map[string]any{
		"name": string([]rune(*i.Name)), "status": *i.Status, "username": orNil(i.User), "terminal": orNil(i.Terminal),
	} {
		c.same(name, fmt.Sprint(got), fmt.Sprint(want[name]))
	}
	for name, got := range map[string]*int{"ppid": i.PPID, "num_threads": i.Threads, "nice": i.Nice, "num_fds": i.FDs} {
		if want[name] != nil {
			c.equal(name, float64(*got), want.number(name))
		}
	}
	c.equal("create_time", *i.Created, want.number("create_time"))
	c.equal("uid", float64(i.UIDs.Real), record(want["uids"].(map[string]any)).number("real"))
	if *i.Status == "zombie" {
		if len(*i.Cmdline) != 0 {
			c.t.Errorf("a zombie with the command line %q", *i.Cmdline)
		}
		return
	}
	c.same("cmdline", *i.Cmdline, want["cmdline"])
	c.same("exe", *i.Exe, want["exe"])
	c.same("cwd", *i.Cwd, want["cwd"])
	c.same("environ", *i.Environ, stringMap(want["environ"]))
	full := record(want["memory_full_info"].(map[string]any))
	for name, got := range map[string]*uint64{"rss": i.RSS, "vms": i.VMS, "swap": i.SwapUsed, "shared": i.Shared, "text": i.Text, "data": i.Data} {
		c.equal(name, float64(*got), full.number(name))
	}
	if *i.USS > *i.PSS || *i.PSS > *i.RSS { // what is shared changes with others
		c.t.Errorf("%s: uss %d, pss %d, rss %d", c.name, *i.USS, *i.PSS, *i.RSS)
	}
	c.living(p, want)
}

// living compares what takes system calls or whole tables.
func (c comparison) living(p *Process, want record) {
	cpus, err := p.Affinity()
	c.same("affinity", fmt.Sprint(cpus), fmt.Sprint(want["cpu_affinity"]))
	class, level, err2 := p.IONice()
	io := record(want["ionice"].(map[string]any))
	c.equal("ionice", float64(slices.Index(IOClasses, class)), io.number("ioclass"))
	c.equal("level", float64(level), io.number("value"))
	soft, hard, err3 := p.Limit("nofile")
	c.same("rlimit", fmt.Sprint(float64(soft), float64(hard)), fmt.Sprint(want["limit"].([]any)...))
	threads, err4 := p.Threads()
	c.equal("threads", float64(len(threads)), float64(len(want["threads"].([]any))))
	files, err5 := p.OpenFiles()
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprint(f.Path, f.FD, f.Position, f.Mode, f.Flags))
	}
	c.same("open files", got, rows(want["open_files"], "path", "fd", "position", "mode", "flags"))
	maps, err6 := p.MemoryMaps(true)
	got = nil
	for _, m := range maps {
		got = append(got, fmt.Sprint(m.Path, m.RSS, m.Size, m.Anonymous, m.Swap))
	}
	wanted := rows(want["memory_maps"], "path", "rss", "size", "anonymous", "swap")
	slices.Sort(got)
	slices.Sort(wanted)
	c.same("maps", got, wanted)
	for _, err := range []error{err, err2, err3, err4, err5, err6} {
		if err != nil {
			c.t.Errorf("%s: %v", c.name, err)
		}
	}
}

// rows prints some fields of each record.
func rows(value any, fields ...string) (list []string) {
	all, _ := value.([]any)
	for _, item := range all {
		var words []any
		for _, f := range fields {
			value := item.(map[string]any)[f]
			if n, ok := value.(float64); ok {
				value = int64(n)
			}
			words = append(words, value)
		}
		list = append(list, fmt.Sprint(words...))
	}
	return list
}

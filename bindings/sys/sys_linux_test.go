package sys

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/sysinfo"
	"gofab/internal/testenv"
)

// door is the process of a test with an environment of its own.
type door struct {
	kit.World
	env map[string]string
}

func (d door) Getenv(name string) (string, bool) {
	value, ok := d.env[name]
	return value, ok
}

func (d door) Environ() []string { return os.Environ() }

func (d door) Home() string { return os.TempDir() }

func call(t *testing.T, env map[string]string) *kit.Call {
	shared := kit.NewShared()
	t.Cleanup(func() { _ = shared.Close() })
	return &kit.Call{Context: t.Context(), Env: &kit.Env{World: door{env: env}, Shared: shared}}
}

// write makes a file of a fake /proc.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Without an interval the percentage is of the time since the last call of the
// run, whatever other runs ask meanwhile.
func TestPercentSinceLastCall(t *testing.T) {
	dir := t.TempDir()
	one, other := call(t, map[string]string{"HOST_PROC": dir}), call(t, map[string]string{"HOST_PROC": dir})
	ask := func(c *kit.Call, stat string) string {
		write(t, dir, "stat", stat)
		all, err := cpuPercent(c, percentArgs{})
		each, err2 := cpuPercent(c, percentArgs{timesArgs: timesArgs{PerCPU: true}})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		return fmt.Sprint(all, each)
	}
	for _, step := range []struct {
		c          *kit.Call
		stat, want string
	}{
		{one, "cpu 100 0 0 100\ncpu0 100 0 0 100\n", "50 [0]"}, // since boot, then nothing has passed
		{other, "cpu 100 0 0 300\ncpu0 100 0 0 300\n", "25 [0]"},
		{one, "cpu 200 0 0 400\ncpu0 200 0 0 400\n", "25 [0]"},
		{other, "cpu 290 0 0 310\ncpu0 290 0 0 310\ncpu1 1 0 0 3\n", "95 [0 0]"},
	} {
		if got := ask(step.c, step.stat); got != step.want {
			t.Errorf("%q: got %s, want %s", step.stat, got, step.want)
		}
	}
}

func TestTimesPercent(t *testing.T) {
	dir := t.TempDir()
	c := call(t, map[string]string{"HOST_PROC": dir})
	write(t, dir, "stat", "cpu 10 20 30 40 50 0 0 50\ncpu0 10 20 30 40 50 0 0 50\n")
	got, err := cpuTimesPercent(c, percentArgs{})
	if p := got.(sysinfo.CPUTimes); err != nil || p.User != 5 || p.Steal != 25 || p.IOWait != 25 || p.Guest != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// What popen started ends with the run, with all that it started itself.
func TestPopenEndsWithTheRun(t *testing.T) {
	testenv.Goroutines(t)
	dir := t.TempDir()
	c := call(t, nil)
	log := filepath.Join(dir, "log")
	p, err := popen(c, popenArgs{Command: []string{"sh", "-c", "sleep 600 & echo $! $A; echo bad >&2; wait"}, Stdout: log, Env: map[string]string{"A": "1"}, Cwd: dir})
	if err != nil {
		t.Fatal(err)
	}
	var inner, a int
	for deadline := time.Now().Add(10 * time.Second); a == 0; {
		text, _ := os.ReadFile(log)
		if _, _ = fmt.Sscan(string(text), &inner, &a); time.Now().After(deadline) {
			t.Fatalf("the log has %q", text)
		}
	}
	s, _ := sysinfo.Local(c.World.Getenv)
	child, err := s.Process(inner)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Shared.Close(); err != nil {
		t.Fatal(err)
	}
	if p.Running() {
		t.Error("the program outlived the run")
	}
	if _, err := child.Wait(t.Context(), 10*time.Second); err != nil {
		t.Errorf("its child outlived the run: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	c := call(t, nil)
	missing := filepath.Join(t.TempDir(), "no", "file")
	cases := map[string]struct {
		call func() error
		kind fault.Kind
	}{
		"no program":      {func() error { _, err := popen(c, popenArgs{}); return err }, fault.Usage},
		"unknown program": {func() error { _, err := popen(c, popenArgs{Command: []string{"no-such-program"}}); return err }, fault.NotFound},
		"no folder for the output": {func() error {
			_, err := popen(c, popenArgs{Command: []string{"true"}, Stdout: missing})
			return err
		}, fault.NotFound},
		"no working folder": {func() error {
			_, err := popen(c, popenArgs{Command: []string{"true"}, Cwd: missing})
			return err
		}, fault.NotFound},
		"no process": {func() error { _, err := process(c, processArgs{PID: 1 << 30}); return err }, fault.NotFound},
		"no tree":    {func() error { _, err := tree(c, treeArgs{PID: 1 << 30}); return err }, fault.NotFound},
		"no field":   {func() error { _, err := processes(c, processesArgs{Fields: []string{"nmae"}}); return err }, fault.Usage},
		"no path":    {func() error { _, err := diskUsage(c, usageArgs{Path: missing}); return err }, fault.NotFound},
		"no tree of files": {func() error {
			_, err := memory(call(t, map[string]string{"HOST_PROC": missing}), onOptions{})
			return err
		}, fault.NotFound},
		"an act on another tree": {func() error {
			p, err := process(call(t, map[string]string{"HOST_PROC": "/proc/."}), processArgs{})
			if err != nil {
				return err
			}
			_, err = sendSignal(c, p, signalArgs{"0"})
			return err
		}, fault.Unsupported},
		"no signal": {func() error {
			p, err := process(c, processArgs{})
			if err != nil {
				return err
			}
			_, err = sendSignal(c, p, signalArgs{"NOSUCH"})
			return err
		}, fault.Usage},
	}
	for name, x := range cases {
		if err := x.call(); fault.KindOf(err) != x.kind {
			t.Errorf("%s: got %v (%s), want %s", name, err, fault.KindOf(err), x.kind)
		}
	}
}

// The end of the context ends what waits.
func TestCancelled(t *testing.T) {
	testenv.Goroutines(t)
	c := call(t, nil)
	p, err := popen(c, popenArgs{Command: []string{"sleep", "600"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.Context)
	cancel()
	c.Context = ctx
	if _, err := cpuPercent(c, percentArgs{Interval: time.Hour}); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("cpu_percent: %v", err)
	}
	if _, err := wait(c, p, waitArgs{}); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("wait: %v", err)
	}
	if _, err := waitAll(c, waitAllArgs{List: []*sysinfo.Process{p}}); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("wait for all: %v", err)
	}
	if _, err := processes(c, processesArgs{}); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("processes: %v", err)
	}
}

// Processes are found by name, by user and by the port they listen on.
func TestFilters(t *testing.T) {
	c := call(t, nil)
	self, err := process(c, processArgs{})
	if err != nil {
		t.Fatal(err)
	}
	i, err := info(c, self, infoArgs{Fields: fieldNames{"name", "username"}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	for name, a := range map[string]processesArgs{"name": {Name: *i.Name}, "user": {User: *i.User}, "port": {Port: port}} {
		list, err := processes(c, a)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range list {
			found = found || p.PID == os.Getpid()
		}
		if !found {
			t.Errorf("not found by %s", name)
		}
	}
	list, err := processes(c, processesArgs{Name: "no" + strconv.Itoa(os.Getpid())})
	if err != nil || len(list) != 0 {
		t.Errorf("found %v, %v", list, err)
	}
}

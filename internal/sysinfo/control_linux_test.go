package sysinfo

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// A pid that has passed on to another process is left alone.
func TestReusedPID(t *testing.T) {
	p := start(t, nil, "sleep", "600")
	other := &Process{PID: p.PID, s: p.s, start: p.start - 1}
	for what, err := range map[string]error{"signal": other.Signal(unix.SIGKILL), "nice": other.SetNice(5), "ionice": other.SetIONice("idle", 0),
		"affinity": other.SetAffinity(nil), "limit": other.SetLimit("nofile", 1, 1)} {
		if fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "another one has its number") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if !p.Running() || other.Running() {
		t.Error("the wrong one runs")
	}
}

func TestLife(t *testing.T) {
	testenv.Goroutines(t)
	ctx := context.Background()
	p := start(t, nil, "sleep", "600")
	if _, err := p.Wait(ctx, 10*time.Millisecond); fault.KindOf(err) != fault.Timeout {
		t.Fatalf("it sleeps: %v", err)
	}
	for _, set := range []error{p.SetNice(7), p.SetIONice("best-effort", 6), p.SetAffinity([]int{0}), p.SetLimit("nofile", 50, 60)} {
		if set != nil {
			t.Fatal(set)
		}
	}
	i, err := p.Info(ctx, []string{"nice"})
	class, level, err2 := p.IONice()
	cpus, err3 := p.Affinity()
	soft, hard, err4 := p.Limit("nofile")
	if got := fmt.Sprintln(*i.Nice, class, level, cpus, soft, hard, err, err2, err3, err4); got != "7 best-effort 6 [0] 50 60 <nil> <nil> <nil> <nil>\n" {
		t.Errorf("got %s", got)
	}
	if err := p.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(ctx, 0); err != nil || *code != 128+15 {
		t.Errorf("ended with %v, %v", code, err)
	}
	if err := p.Signal(unix.SIGTERM); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a signal to an ended process: %v", err)
	}
	if _, err := p.Info(ctx, []string{"name"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a look at an ended process: %v", err)
	}
}

// A process of another is waited for without being its parent; a zombie has
// ended; the end of the context ends the wait.
func TestWait(t *testing.T) {
	testenv.Goroutines(t)
	ctx := context.Background()
	z := zombie(t)
	if code, err := z.Wait(ctx, time.Minute); err != nil || code != nil {
		t.Errorf("a zombie: %v, %v", code, err)
	}
	if !z.Running() {
		t.Error("a zombie is still there")
	}
	parent := start(t, nil, "sh", "-c", "sleep 600 & wait")
	settled(t, parent)
	var children []*Process
	for len(children) == 0 {
		var err error
		if children, err = parent.Children(ctx, false); err != nil {
			t.Fatal(err)
		}
	}
	if up, err := children[0].Parent(); err != nil || up.PID != parent.PID {
		t.Errorf("the parent is %v, %v", up, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := children[0].Wait(cancelled, 0); fault.KindOf(err) != fault.Cancelled {
		t.Errorf("a cancelled wait: %v", err)
	}
	if err := children[0].Signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var gone []int
	alive, err := WaitAll(ctx, []*Process{children[0], parent}, time.Minute, func(p *Process, _ *int) error {
		gone = append(gone, p.PID)
		return nil
	})
	if err != nil || len(alive) != 0 || len(gone) != 2 {
		t.Errorf("gone %v, alive %v, %v", gone, alive, err)
	}
}

// A kernel thread has no program, no command line, and cannot be killed.
func TestKernelThread(t *testing.T) {
	s := here(t)
	list, err := s.Processes(context.Background(), []string{"name", "ppid", "cmdline", "exe", "rss"}, Filter{})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(list, func(i *Info) bool { return i.PID == 2 && *i.Name == "kthreadd" })
	if at < 0 {
		t.Skip("threads of the kernel are not visible here")
	}
	k := list[at]
	if len(*k.Cmdline) != 0 || k.Exe != nil && *k.Exe != "" || *k.RSS != 0 {
		t.Errorf("%+v", k)
	}
}

// Processes that end while they are listed are left out or whole, never half
// read and never an error.
func TestListingWhileProcessesEnd(t *testing.T) {
	s := here(t)
	stop := make(chan struct{})
	var starters sync.WaitGroup
	for range 4 {
		starters.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = exec.Command("true").Run()
				}
			}
		})
	}
	defer starters.Wait()
	defer close(stop)
	for range 30 {
		list, err := s.Processes(t.Context(), Fields(), Filter{})
		if err != nil || !slices.IsSortedFunc(list, func(a, b *Info) int { return a.PID - b.PID }) {
			t.Fatal(err, "or not in order")
		}
		for _, i := range list {
			if i.Name == nil || i.Status == nil || i.UIDs == nil || i.RSS == nil {
				t.Fatalf("half of process %d: %+v", i.PID, i)
			}
		}
	}
}

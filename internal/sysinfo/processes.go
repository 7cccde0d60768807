package sysinfo

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"gofab/internal/fault"
)

// Filter says which processes to look for; its zero value is all.
type Filter struct {
	Name string // the whole name
	User string
	PIDs map[int]bool // nil is any
}

// Processes lists processes with the fields that were asked for, by pid. What
// is not asked for is not read. One that ends meanwhile is left out.
func (s *System) Processes(ctx context.Context, fields []string, f Filter) ([]*Info, error) {
	wanted := slices.Clone(fields)
	if f.Name != "" {
		wanted = append(wanted, "name")
	}
	if f.User != "" {
		wanted = append(wanted, "username")
	}
	r, err := s.reader(ctx, wanted)
	if err != nil {
		return nil, err
	}
	pids := slices.DeleteFunc(s.PIDs(), func(pid int) bool { return f.PIDs != nil && !f.PIDs[pid] })
	list := r.readAll(pids)
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(i *Info) bool { return i == nil || !f.fits(i) }), nil
}

// readAll reads processes with all processors of this machine: most of the
// time goes into the kernel. One that has ended is nil.
func (r *reader) readAll(pids []int) []*Info {
	list := make([]*Info, len(pids))
	workers := max(1, min(runtime.GOMAXPROCS(0), len(pids)/64))
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			own := r.clone()
			for i := w; i < len(pids) && r.ctx.Err() == nil; i += workers {
				if info, ok := own.read(pids[i]); ok {
					list[i] = info
				}
			}
		})
	}
	group.Wait()
	return list
}

func (f Filter) fits(i *Info) bool {
	return (f.Name == "" || i.Name != nil && *i.Name == f.Name) && (f.User == "" || i.User != nil && *i.User == f.User)
}

// Process is one process: a pid and when it was started.
type Process struct {
	PID   int
	s     *System
	start uint64
	child *child // nil for one that is not ours

	mu   sync.Mutex
	cpu  float64 // seconds at the last look
	seen time.Time
}

// Process finds a process.
func (s *System) Process(pid int) (*Process, error) {
	st, err := s.stat(pid)
	if err != nil {
		return nil, err
	}
	return &Process{PID: pid, s: s, start: st.at(19)}, nil
}

func (s *System) stat(pid int) (stat, error) {
	data, err := s.files.read("/proc/" + strconv.Itoa(pid) + "/stat")
	if err == nil {
		if st, ok := parseStat(data, nil); ok {
			return st, nil
		}
	}
	e := fault.New(fault.NotFound, "there is no process %d", pid)
	if err != nil && !gone(err) {
		e = fault.OS(err, "cannot look at process %d", pid)
	}
	if fault.KindOf(err) == fault.Unsupported {
		e = fault.From(err)
	}
	e.Host = s.host
	return stat{}, e
}

// now reads the process's state, and refuses another one with its pid.
func (p *Process) now() (stat, error) {
	st, err := p.s.stat(p.PID)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return st, fault.New(fault.NotFound, "process %d has ended", p.PID)
	case err == nil && st.at(19) != p.start:
		return st, fault.New(fault.NotFound, "process %d has ended, and another one has its number now", p.PID)
	}
	return st, err
}

// Running tells whether it is still there; a zombie is.
func (p *Process) Running() bool {
	_, err := p.now()
	return err == nil
}

// Created is when it was started, in Unix seconds; 0 when the machine does not
// say when it was itself.
func (p *Process) Created() float64 {
	booted, err := p.s.BootTime()
	if err != nil {
		return 0
	}
	return created(booted, p.start)
}

// String is how it prints.
func (p *Process) String() string {
	st, err := p.now()
	if err != nil {
		return "process " + strconv.Itoa(p.PID) + " (ended)"
	}
	return "process " + strconv.Itoa(p.PID) + " " + strconv.Quote(st.name)
}

// Info reads fields of it.
func (p *Process) Info(ctx context.Context, fields []string) (*Info, error) {
	r, err := p.s.reader(ctx, fields)
	if err != nil {
		return nil, err
	}
	r.from |= fromStat // for the identity
	info, ok := r.read(p.PID)
	if !ok || info.start != p.start {
		_, err := p.now()
		if err == nil {
			err = fault.New(fault.NotFound, "process %d has ended", p.PID)
		}
		return nil, err
	}
	return info, nil
}

// family maps each process to its children, by pid.
func (s *System) family(ctx context.Context) (map[int][]*Info, error) {
	list, err := s.Processes(ctx, []string{"ppid"}, Filter{})
	children := map[int][]*Info{}
	for _, i := range list {
		children[*i.PPID] = append(children[*i.PPID], i)
	}
	return children, err
}

// Children lists what it started and still runs, and with recursive what those
// started. A pid that was older than its parent is another process by now.
func (p *Process) Children(ctx context.Context, recursive bool) ([]*Process, error) {
	if _, err := p.now(); err != nil {
		return nil, err
	}
	family, err := p.s.family(ctx)
	var found []*Process
	seen := map[int]bool{p.PID: true}
	queue := []*Process{p}
	for len(queue) > 0 {
		parent := queue[0]
		queue = queue[1:]
		for _, i := range family[parent.PID] {
			if i.start < parent.start || seen[i.PID] {
				continue
			}
			seen[i.PID] = true
			child := &Process{PID: i.PID, s: p.s, start: i.start}
			found = append(found, child)
			if recursive {
				queue = append(queue, child)
			}
		}
	}
	return found, err
}

// Parent gives its parent; nil when there is none.
func (p *Process) Parent() (*Process, error) {
	st, err := p.now()
	if err != nil {
		return nil, err
	}
	parent, err := p.s.Process(int(st.at(1)))
	if err != nil || parent.start > p.start {
		return nil, nil //nolint:nilerr // the first process has none, nor has one whose parent is outside of the container
	}
	return parent, nil
}

// CPUPercent is the share of one processor that it took since the last call,
// or since its start at the first. With several threads it may pass 100.
func (p *Process) CPUPercent(ctx context.Context, interval time.Duration) (float64, error) {
	if interval > 0 {
		if _, err := p.share(); err != nil {
			return 0, err
		}
		if err := Sleep(ctx, interval); err != nil {
			return 0, err
		}
	}
	return p.share()
}

func (p *Process) share() (float64, error) {
	st, err := p.now()
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	used, now := float64(st.at(11)+st.at(12))/ticks, time.Now()
	spent, passed := used-p.cpu, now.Sub(p.seen).Seconds()
	if p.seen.IsZero() {
		up, err := p.s.Uptime()
		if err != nil {
			return 0, err
		}
		spent, passed = used, up-float64(p.start)/ticks
	}
	p.cpu, p.seen = used, now
	return percent(max(spent, 0), passed), nil
}

// Sleep waits, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

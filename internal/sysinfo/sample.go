package sysinfo

import (
	"cmp"
	"context"
	"slices"
)

// Sample is a machine at one moment, as a live view needs it.
type Sample struct {
	CPU       CPUTimes
	CPUs      int
	Memory    Memory
	Swap      Swap
	Load      [3]float64
	Uptime    float64
	Processes []*Info
}

// SampleParts is what a capture for a Sample takes.
var SampleParts = []Part{PartCPU, PartMemory, PartProcesses}

var sampleFields = []string{"pid", "name", "username", "status", "nice", "rss", "memory_percent", "num_threads", "cpu_user", "cpu_system", "cmdline"}

// Sample reads it.
func (s *System) Sample(ctx context.Context) (x Sample, err error) {
	var each []CPUTimes
	if x.CPU, each, err = s.CPUTimes(); err != nil {
		return x, err
	}
	x.CPUs = len(each)
	if x.Memory, err = s.Memory(); err != nil {
		return x, err
	}
	if x.Swap, err = s.Swap(); err != nil {
		return x, err
	}
	if x.Load, err = s.Load(); err != nil {
		return x, err
	}
	if x.Uptime, err = s.Uptime(); err != nil {
		return x, err
	}
	x.Processes, err = s.Processes(ctx, sampleFields, Filter{})
	return x, err
}

// Busy is a process and the share of one processor that it took.
type Busy struct {
	*Info
	Percent float64
}

// identity is what tells processes apart.
type identity struct {
	pid   int
	start uint64
}

// spent is the processor time of a process, in seconds; 0 of one that ended
// before it could be read.
func (i *Info) spent() float64 {
	if i.CPUUser == nil || i.CPUSystem == nil {
		return 0
	}
	return *i.CPUUser + *i.CPUSystem
}

// Since tells what each process took since an earlier sample, the busiest
// first. One that is new counts from its start.
func (x Sample) Since(before Sample) []Busy {
	spent := map[identity]float64{}
	for _, i := range before.Processes {
		spent[identity{i.PID, i.start}] = i.spent()
	}
	list := make([]Busy, len(x.Processes))
	for n, i := range x.Processes {
		list[n] = Busy{i, percent(i.spent()-spent[identity{i.PID, i.start}], x.Uptime-before.Uptime)}
	}
	slices.SortStableFunc(list, func(a, b Busy) int { return cmp.Compare(b.Percent, a.Percent) })
	return list
}

package sys

import (
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/sysinfo"
)

type timesArgs struct {
	PerCPU bool `lua:"percpu" default:"false" doc:"A list with an item for each processor, from 0, instead of the sum."`
	onOptions
}

func cpuTimes(c *kit.Call, a timesArgs) (any, error) {
	s, err := a.from(c, sysinfo.PartCPU)
	if err != nil {
		return nil, err
	}
	all, each, err := s.CPUTimes()
	if a.PerCPU {
		return each, err
	}
	return all, err
}

type percentArgs struct {
	Interval time.Duration `lua:"interval" default:"100ms" doc:"How long to look; 0 is the time since the last such call of the run, or since boot at the first."`
	timesArgs
}

func cpuPercent(c *kit.Call, a percentArgs) (any, error) {
	all, each, err := a.stretch(c)
	if !a.PerCPU {
		return all.BusyPercent(), err
	}
	list := make([]float64, len(each))
	for i, t := range each {
		list[i] = t.BusyPercent()
	}
	return list, err
}

func cpuTimesPercent(c *kit.Call, a percentArgs) (any, error) {
	all, each, err := a.stretch(c)
	if !a.PerCPU {
		return all.Percent(), err
	}
	for i := range each {
		each[i] = each[i].Percent()
	}
	return each, err
}

// reading is what the processors had done at a moment.
type reading struct {
	all  sysinfo.CPUTimes
	each []sysinfo.CPUTimes
}

// lastReadings is what a run remembers of each machine.
type lastReadings struct {
	mu sync.Mutex
	of map[string]reading
}

type readingsKey struct{}

// swap remembers a reading and gives the one before.
func (l *lastReadings) swap(label string, now reading) reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.of[label]
	l.of[label] = now
	return before
}

// stretch is what the processors did over the interval.
func (a percentArgs) stretch(c *kit.Call) (all sysinfo.CPUTimes, each []sysinfo.CPUTimes, err error) {
	var before reading
	if a.Interval > 0 {
		if before, err = a.reading(c); err != nil {
			return all, nil, err
		}
		if err := sysinfo.Sleep(c.Context, a.Interval); err != nil {
			return all, nil, err
		}
	}
	now, err := a.reading(c)
	if err != nil {
		return all, nil, err
	}
	last := kit.SharedValue(c.Shared, readingsKey{}, func() *lastReadings { return &lastReadings{of: map[string]reading{}} })
	if remembered := last.swap(a.label(), now); a.Interval == 0 {
		before = remembered
	}
	each = make([]sysinfo.CPUTimes, len(now.each))
	for i, t := range now.each {
		var from sysinfo.CPUTimes
		if i < len(before.each) { // else it was switched on meanwhile
			from = before.each[i]
		}
		each[i] = t.Since(from)
	}
	return now.all.Since(before.all), each, nil
}

func (a percentArgs) reading(c *kit.Call) (r reading, err error) {
	s, err := a.from(c, sysinfo.PartCPU)
	if err == nil {
		r.all, r.each, err = s.CPUTimes()
	}
	return r, err
}

type countArgs struct {
	Physical bool `lua:"physical" default:"false" doc:"Count cores; processors that share one count once."`
	onOptions
}

func cpuCount(c *kit.Call, a countArgs) (*int, error) {
	s, err := a.from(c, sysinfo.PartTopology)
	if err != nil {
		return nil, err
	}
	logical, physical, err := s.CPUCount()
	if a.Physical {
		return physical, err
	}
	return &logical, err
}

func cpuStats(c *kit.Call, a onOptions) (sysinfo.CPUStats, error) {
	s, err := a.from(c, sysinfo.PartCPU)
	if err != nil {
		return sysinfo.CPUStats{}, err
	}
	return s.CPUStats()
}

func cpuFreq(c *kit.Call, a timesArgs) (any, error) {
	s, err := a.from(c, sysinfo.PartTopology)
	if err != nil {
		return nil, err
	}
	each := s.CPUFreq()
	if a.PerCPU {
		return each, nil
	}
	return sysinfo.MeanFreq(each), nil
}

func load(c *kit.Call, a onOptions) (kit.Multi, error) {
	s, err := a.from(c, sysinfo.PartCPU)
	if err != nil {
		return nil, err
	}
	l, err := s.Load()
	return kit.Multi{l[0], l[1], l[2]}, err
}

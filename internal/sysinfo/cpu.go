package sysinfo

import (
	"math"
	"path"
	"runtime"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// CPUTimes are seconds since boot.
type CPUTimes struct {
	User      float64 `lua:"user" doc:"In programs, guests included."`
	Nice      float64 `lua:"nice" doc:"In programs with a lowered priority, guests included."`
	System    float64 `lua:"system" doc:"In the kernel."`
	Idle      float64 `lua:"idle" doc:"Doing nothing."`
	IOWait    float64 `lua:"iowait" doc:"Doing nothing while a disk was waited for."`
	IRQ       float64 `lua:"irq" doc:"In interrupts."`
	SoftIRQ   float64 `lua:"softirq" doc:"In soft interrupts."`
	Steal     float64 `lua:"steal" doc:"Taken by the hypervisor for other machines."`
	Guest     float64 `lua:"guest" doc:"Running virtual machines."`
	GuestNice float64 `lua:"guest_nice" doc:"Running virtual machines with a lowered priority."`
}

func (t *CPUTimes) each() [10]*float64 {
	return [10]*float64{&t.User, &t.Nice, &t.System, &t.Idle, &t.IOWait, &t.IRQ, &t.SoftIRQ, &t.Steal, &t.Guest, &t.GuestNice}
}

// Total is all time; guests are part of user and nice.
func (t CPUTimes) Total() float64 {
	return t.User + t.Nice + t.System + t.Idle + t.IOWait + t.IRQ + t.SoftIRQ + t.Steal
}

// Busy is the time in which something ran.
func (t CPUTimes) Busy() float64 { return t.Total() - t.Idle - t.IOWait }

// Since is the time that passed from one reading to this one. A counter that
// went back, which iowait may, counts as standing still.
func (t CPUTimes) Since(before CPUTimes) CPUTimes {
	from, to := before.each(), t.each()
	for i := range to {
		*to[i] = max(0, *to[i]-*from[i])
	}
	return t
}

// Percent makes a stretch of time into shares.
func (t CPUTimes) Percent() CPUTimes {
	whole := t.Total()
	for _, part := range t.each() {
		*part = min(percent(*part, whole), 100)
	}
	return t
}

// BusyPercent is how much of a stretch of time something ran.
func (t CPUTimes) BusyPercent() float64 { return percent(t.Busy(), t.Total()) }

// CPUTimes gives the sum over all processors, and each of them.
func (s *System) CPUTimes() (all CPUTimes, each []CPUTimes, err error) {
	data, err := s.need("/proc/stat")
	if err != nil {
		return all, nil, err
	}
	for line := range lines(data) {
		words := strings.Fields(line)
		if len(words) < 5 || !strings.HasPrefix(words[0], "cpu") {
			continue
		}
		if words[0] == "cpu" {
			all = parseCPU(words[1:])
		} else {
			each = append(each, parseCPU(words[1:]))
		}
	}
	if len(each) == 0 {
		return all, nil, s.unknown("what the processors do")
	}
	return all, each, nil
}

func parseCPU(words []string) (t CPUTimes) {
	for i, field := range t.each() {
		if i < len(words) {
			*field = float64(unsigned(words[i])) / ticks
		}
	}
	return t
}

// CPUCount counts the processors that are on: logical ones, and cores, which
// is nil when the machine does not say.
func (s *System) CPUCount() (logical int, physical *int, err error) {
	if _, elsewhere := s.files.(foreign); elsewhere {
		return runtime.NumCPU(), nil, nil
	}
	_, each, err := s.CPUTimes()
	if err != nil {
		return 0, nil, err
	}
	cores := map[string]bool{}
	for _, dir := range s.numbered("/sys/devices/system/cpu", "cpu") {
		if siblings := s.text(dir + "/topology/thread_siblings_list"); siblings != "" {
			cores[siblings] = true
		}
	}
	if n := len(cores); n > 0 {
		return len(each), &n, nil
	}
	return len(each), s.coresOfCPUInfo(), nil
}

// coresOfCPUInfo adds the cores of each package.
func (s *System) coresOfCPUInfo() *int {
	data, _ := s.files.read("/proc/cpuinfo")
	packages, id, total := map[string]int{}, "", 0
	for line := range lines(data) {
		key, value := keyValue(line)
		switch key {
		case "physical id":
			id = value
		case "cpu cores":
			packages[id], _ = strconv.Atoi(value)
		}
	}
	for _, n := range packages {
		total += n
	}
	if total == 0 {
		return nil
	}
	return &total
}

func keyValue(line string) (key, value string) {
	key, value, _ = strings.Cut(line, ":")
	return strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
}

// numbered lists what a folder has under prefix0, prefix1 and so on, by number.
func (s *System) numbered(dir, prefix string) []string {
	names, _ := s.files.list(dir)
	byNumber := map[int]string{}
	highest := -1
	for _, name := range names {
		if n, err := strconv.Atoi(strings.TrimPrefix(name, prefix)); err == nil && strings.HasPrefix(name, prefix) && n >= 0 && n < 1<<20 {
			byNumber[n] = path.Join(dir, name)
			highest = max(highest, n)
		}
	}
	var found []string
	for n := range highest + 1 {
		if p, ok := byNumber[n]; ok {
			found = append(found, p)
		}
	}
	return found
}

// CPUStats are counters since boot.
type CPUStats struct {
	ContextSwitches uint64 `lua:"ctx_switches" doc:"Changes from one program to another."`
	Interrupts      uint64 `lua:"interrupts" doc:"Interrupts."`
	SoftInterrupts  uint64 `lua:"soft_interrupts" doc:"Soft interrupts."`
}

// CPUStats reads the counters.
func (s *System) CPUStats() (stats CPUStats, err error) {
	data, err := s.need("/proc/stat")
	if err != nil {
		return stats, err
	}
	if !strings.Contains(string(data), "\nctxt ") {
		return stats, s.unknown("the number of interrupts")
	}
	for line := range lines(data) {
		switch words := strings.Fields(line); {
		case len(words) < 2:
		case words[0] == "ctxt":
			stats.ContextSwitches = unsigned(words[1])
		case words[0] == "intr":
			stats.Interrupts = unsigned(words[1])
		case words[0] == "softirq":
			stats.SoftInterrupts = unsigned(words[1])
		}
	}
	return stats, err
}

// CPUFreq is the clock of a processor in MHz.
type CPUFreq struct {
	Current float64  `lua:"current" doc:"MHz now."`
	Min     *float64 `lua:"min" doc:"Lowest MHz; missing when unknown."`
	Max     *float64 `lua:"max" doc:"Highest MHz; missing when unknown."`
}

// CPUFreq gives the clock of each processor; none where the kernel does not
// know, as in many virtual machines.
func (s *System) CPUFreq() []CPUFreq {
	var each []CPUFreq
	clocks := s.clocks()
	for i, dir := range s.numbered("/sys/devices/system/cpu", "cpu") {
		current := s.number(dir + "/cpufreq/scaling_cur_freq")
		if current == nil {
			current = s.number(dir + "/cpufreq/cpuinfo_cur_freq")
		}
		if current == nil {
			continue
		}
		f := CPUFreq{Current: float64(*current) / 1000, Min: s.mhz(dir + "/cpufreq/scaling_min_freq"), Max: s.mhz(dir + "/cpufreq/scaling_max_freq")}
		if i < len(clocks) { // nearer to the truth, and what psutil takes
			f.Current = clocks[i]
		}
		each = append(each, f)
	}
	if each == nil {
		for _, mhz := range clocks {
			each = append(each, CPUFreq{Current: mhz})
		}
	}
	return each
}

func (s *System) mhz(path string) *float64 {
	if n := s.number(path); n != nil {
		return ptr(float64(*n) / 1000)
	}
	return nil
}

func (s *System) clocks() (mhz []float64) {
	data, _ := s.files.read("/proc/cpuinfo")
	for line := range lines(data) {
		if key, value := keyValue(line); key == "cpu mhz" {
			if f, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(f) {
				mhz = append(mhz, f)
			}
		}
	}
	return mhz
}

// Load is how many tasks ran or waited, on average over 1, 5 and 15 minutes.
func (s *System) Load() (load [3]float64, err error) {
	data, err := s.need("/proc/loadavg")
	if err != nil {
		return load, err
	}
	words := strings.Fields(string(data))
	for i := range load {
		if i >= len(words) {
			return load, fault.New(fault.Parse, "/proc/loadavg: cannot read %q", string(data))
		}
		if load[i], err = strconv.ParseFloat(words[i], 64); err != nil {
			return load, fault.New(fault.Parse, "/proc/loadavg: cannot read %q", words[i])
		}
	}
	return load, nil
}

// MeanFreq is the clock on average; nil when none is known.
func MeanFreq(each []CPUFreq) *CPUFreq {
	if len(each) == 0 {
		return nil
	}
	var mean, low, high float64
	bounded := true
	for _, f := range each {
		mean += f.Current / float64(len(each))
		if bounded = bounded && f.Min != nil && f.Max != nil; bounded {
			low += *f.Min / float64(len(each))
			high += *f.Max / float64(len(each))
		}
	}
	if !bounded {
		return &CPUFreq{Current: mean}
	}
	return &CPUFreq{mean, &low, &high}
}

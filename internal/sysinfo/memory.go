package sysinfo

import "strings"

// Memory is in bytes, with the meanings of psutil 7.1 and newer.
type Memory struct {
	Total     uint64  `lua:"total" doc:"All of it."`
	Available uint64  `lua:"available" doc:"What programs can still get without swapping."`
	Used      uint64  `lua:"used" doc:"Total without available."`
	Percent   float64 `lua:"percent" doc:"Used of total, 0 to 100."`
	Free      uint64  `lua:"free" doc:"Used for nothing at all, which is usually little."`
	Active    uint64  `lua:"active" doc:"Used of late."`
	Inactive  uint64  `lua:"inactive" doc:"Not used of late."`
	Buffers   uint64  `lua:"buffers" doc:"Cached of disks."`
	Cached    uint64  `lua:"cached" doc:"Cached of files, with what the kernel can give back."`
	Shared    uint64  `lua:"shared" doc:"In shared memory and tmpfs."`
	Slab      uint64  `lua:"slab" doc:"Structures of the kernel."`
}

// meminfo is /proc/meminfo in bytes.
type meminfo map[string]uint64

func (s *System) meminfo() (meminfo, error) {
	data, err := s.need("/proc/meminfo")
	info := meminfo{}
	for line := range lines(data) {
		if words := strings.Fields(line); len(words) >= 2 {
			info[strings.TrimSuffix(words[0], ":")] = unsigned(words[1]) * 1024
		}
	}
	return info, err
}

// Memory reads the memory.
func (s *System) Memory() (Memory, error) {
	info, err := s.meminfo()
	if err != nil {
		return Memory{}, err
	}
	m := Memory{
		Total: info["MemTotal"], Free: info["MemFree"], Active: info["Active"], Buffers: info["Buffers"],
		Cached: info["Cached"] + info["SReclaimable"], Slab: info["Slab"],
		Inactive: info.either("Inactive", "Inact_dirty", "Inact_clean", "Inact_laundry"),
		Shared:   info.either("Shmem", "MemShared"),
	}
	m.Available = s.available(info)
	if m.Available > m.Total { // a container's total beside the whole machine's rest
		m.Available = m.Free
	}
	m.Used = m.Total - min(m.Available, m.Total)
	m.Percent = percent(float64(m.Used), float64(m.Total))
	return m, nil
}

// either gives the first value, or the sum of those that stood for it in old
// kernels.
func (info meminfo) either(name string, older ...string) (sum uint64) {
	if value, ok := info[name]; ok {
		return value
	}
	for _, name := range older {
		sum += info[name]
	}
	return sum
}

// available estimates as the kernel does where it is too old to say
// (before 3.14).
func (s *System) available(info meminfo) uint64 {
	if n := info["MemAvailable"]; n > 0 {
		return n
	}
	free := info["MemFree"]
	for _, name := range []string{"Active(file)", "Inactive(file)", "SReclaimable"} {
		if _, ok := info[name]; !ok {
			return free + info["Cached"]
		}
	}
	zones, err := s.files.read("/proc/zoneinfo")
	if err != nil {
		return free + info["Cached"]
	}
	low := 0.0
	for line := range lines(zones) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "low" {
			low += float64(unsigned(words[1]) * pageSize)
		}
	}
	pages, slab := float64(info["Active(file)"]+info["Inactive(file)"]), float64(info["SReclaimable"])
	sum := float64(free) - low + pages - min(pages/2, low) + slab - min(slab/2, low)
	return uint64(max(sum, 0))
}

// Swap is the swap space in bytes.
type Swap struct {
	Total   uint64  `lua:"total" doc:"All of it."`
	Used    uint64  `lua:"used" doc:"In use."`
	Free    uint64  `lua:"free" doc:"Not in use."`
	Percent float64 `lua:"percent" doc:"Used of total, 0 to 100."`
	In      uint64  `lua:"sin" doc:"Read back from it since boot."`
	Out     uint64  `lua:"sout" doc:"Written to it since boot."`
}

// Swap reads the swap space.
func (s *System) Swap() (Swap, error) {
	info, err := s.meminfo()
	if err != nil {
		return Swap{}, err
	}
	w := Swap{Total: info["SwapTotal"], Free: info["SwapFree"]}
	w.Used = w.Total - min(w.Free, w.Total)
	w.Percent = percent(float64(w.Used), float64(w.Total))
	data, _ := s.files.read("/proc/vmstat")
	for line := range lines(data) {
		switch name, value, _ := strings.Cut(line, " "); name {
		case "pswpin":
			w.In = unsigned(value) * 4096
		case "pswpout":
			w.Out = unsigned(value) * 4096
		}
	}
	return w, nil
}

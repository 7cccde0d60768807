package sysinfo

// Facts is what a machine is and has, in one picture.
type Facts struct {
	Host
	CPUs       int         `lua:"cpus" doc:"Processors that are on."`
	Cores      *int        `lua:"cores" doc:"Cores; missing when unknown."`
	Model      string      `lua:"cpu_model" doc:"Name of the processor; empty when unknown."`
	Load       [3]float64  `lua:"load" doc:"Tasks that ran or waited, on average over 1, 5 and 15 minutes."`
	Memory     Memory      `lua:"memory" doc:"As of sys.memory."`
	Swap       Swap        `lua:"swap" doc:"As of sys.swap."`
	Disks      []Disk      `lua:"disks" doc:"File systems on disks, with how full they are."`
	Interfaces []Interface `lua:"interfaces" doc:"As of sys.interfaces."`
	Addresses  []string    `lua:"addresses" doc:"Addresses by which others reach it: no loopback, no link-local ones."`
}

// Disk is a file system and its room.
type Disk struct {
	Partition
	Usage
}

// FactParts is what a capture for Facts takes.
var FactParts = []Part{PartHost, PartCPU, PartTopology, PartMemory, PartMounts, PartInterfaces}

// Facts asks all of it.
func (s *System) Facts() (f Facts, err error) {
	if f.Host, err = s.Host(); err != nil {
		return f, err
	}
	if f.CPUs, f.Cores, err = s.CPUCount(); err != nil {
		return f, err
	}
	if f.Load, err = s.Load(); err != nil {
		return f, err
	}
	if f.Memory, err = s.Memory(); err != nil {
		return f, err
	}
	if f.Swap, err = s.Swap(); err != nil {
		return f, err
	}
	if f.Interfaces, err = s.Interfaces(); err != nil {
		return f, err
	}
	f.Model, f.Addresses = s.model(), reachable(f.Interfaces)
	f.Disks, err = s.disks()
	return f, err
}

// disks lists file systems with their room; a device that is mounted in
// several places counts once.
func (s *System) disks() (list []Disk, err error) {
	mounted, err := s.Partitions(false)
	seen := map[string]bool{}
	for _, p := range mounted {
		if seen[p.Device] {
			continue
		}
		if u, err := s.Usage(p.MountPoint); err == nil && u.Total > 0 {
			seen[p.Device] = true
			list = append(list, Disk{p, u})
		}
	}
	if list == nil { // a container sees its root on no disk
		if u, err := s.Usage("/"); err == nil {
			list = append(list, Disk{Partition{MountPoint: "/", Options: []string{}}, u})
		}
	}
	return list, err
}

func (s *System) model() string {
	data, _ := s.files.read("/proc/cpuinfo")
	for line := range lines(data) {
		if key, value := keyValue(line); key == "model name" || key == "model" && value != "" && (value[0] < '0' || value[0] > '9') {
			return value
		}
	}
	return ""
}

func reachable(list []Interface) (addresses []string) {
	for _, i := range list {
		for _, a := range i.Addresses {
			if worldwide(a.Address) {
				addresses = append(addresses, a.Address)
			}
		}
	}
	return addresses
}

package sys

import (
	"time"

	"gofab/bindings/kit"
	"gofab/internal/sysinfo"
)

// ask puts a question to a machine that needs no arguments beside on.
func ask[T any](c *kit.Call, a onOptions, question func(*sysinfo.System) (T, error), parts ...sysinfo.Part) (answer T, err error) {
	s, err := a.from(c, parts...)
	if err != nil {
		return answer, err
	}
	return question(s)
}

func memory(c *kit.Call, a onOptions) (sysinfo.Memory, error) {
	return ask(c, a, (*sysinfo.System).Memory, sysinfo.PartMemory)
}

func swap(c *kit.Call, a onOptions) (sysinfo.Swap, error) {
	return ask(c, a, (*sysinfo.System).Swap, sysinfo.PartMemory)
}

type partitionsArgs struct {
	All bool `lua:"all" default:"false" doc:"Also what is on no disk: proc, tmpfs, network file systems."`
	onOptions
}

func partitions(c *kit.Call, a partitionsArgs) ([]sysinfo.Partition, error) {
	return ask(c, a.onOptions, func(s *sysinfo.System) ([]sysinfo.Partition, error) { return s.Partitions(a.All) }, sysinfo.PartMounts)
}

type usageArgs struct {
	Path string `lua:"path,arg1" doc:"Any path here; a mount point on a host."`
	onOptions
}

func diskUsage(c *kit.Call, a usageArgs) (sysinfo.Usage, error) {
	path := a.Path
	if a.On == nil {
		path = c.Path(path)
	}
	return ask(c, a.onOptions, func(s *sysinfo.System) (sysinfo.Usage, error) { return s.Usage(path) }, sysinfo.PartMounts)
}

type diskIOArgs struct {
	PerDisk bool `lua:"per_disk" default:"false" doc:"A table by name instead of the sum."`
	onOptions
}

func diskIO(c *kit.Call, a diskIOArgs) (any, error) {
	return ask(c, a.onOptions, func(s *sysinfo.System) (any, error) {
		total, each, err := s.DiskIO()
		if a.PerDisk {
			return each, err
		}
		return total, err
	}, sysinfo.PartDisks)
}

type netIOArgs struct {
	PerNIC bool `lua:"per_nic" default:"false" doc:"A table by interface instead of the sum."`
	onOptions
}

func netIO(c *kit.Call, a netIOArgs) (any, error) {
	return ask(c, a.onOptions, func(s *sysinfo.System) (any, error) {
		total, each, err := s.NetIO()
		if a.PerNIC {
			return each, err
		}
		return total, err
	}, sysinfo.PartNetwork)
}

func interfaces(c *kit.Call, a onOptions) ([]sysinfo.Interface, error) {
	return ask(c, a, (*sysinfo.System).Interfaces, sysinfo.PartInterfaces)
}

type connectionsArgs struct {
	Kind  string `lua:"kind" default:"inet" enum:"all|inet|inet4|inet6|tcp|tcp4|tcp6|udp|udp4|udp6|unix" doc:"Which sockets."`
	State string `lua:"state" default:"" doc:"Only TCP connections in this state, e.g. LISTEN."`
	PID   int    `lua:"pid" default:"0" doc:"Only those of this process."`
	onOptions
}

func connections(c *kit.Call, a connectionsArgs) ([]sysinfo.Connection, error) {
	all, err := ask(c, a.onOptions, func(s *sysinfo.System) ([]sysinfo.Connection, error) { return s.Connections(a.Kind) },
		sysinfo.PartConnections)
	var list []sysinfo.Connection
	for _, x := range all {
		inState := a.State == "" || x.Status != nil && *x.Status == a.State
		if inState && (a.PID == 0 || x.PID != nil && *x.PID == a.PID) {
			list = append(list, x)
		}
	}
	return list, err
}

func temperatures(c *kit.Call, a onOptions) ([]sysinfo.Temperature, error) {
	return ask(c, a, sure((*sysinfo.System).Temperatures), sysinfo.PartSensors)
}

func fans(c *kit.Call, a onOptions) ([]sysinfo.Fan, error) {
	return ask(c, a, sure((*sysinfo.System).Fans), sysinfo.PartSensors)
}

func battery(c *kit.Call, a onOptions) (*sysinfo.Battery, error) {
	return ask(c, a, sure((*sysinfo.System).Battery), sysinfo.PartSensors)
}

func users(c *kit.Call, a onOptions) ([]sysinfo.User, error) {
	return ask(c, a, sure((*sysinfo.System).Users), sysinfo.PartUsers)
}

// sure makes a question of one that always has an answer.
func sure[T any](question func(*sysinfo.System) T) func(*sysinfo.System) (T, error) {
	return func(s *sysinfo.System) (T, error) { return question(s), nil }
}

func bootTime(c *kit.Call, a onOptions) (time.Time, error) {
	return ask(c, a, (*sysinfo.System).BootTime, sysinfo.PartCPU)
}

func uptime(c *kit.Call, a onOptions) (float64, error) {
	return ask(c, a, (*sysinfo.System).Uptime, sysinfo.PartCPU)
}

func hostFacts(c *kit.Call, a onOptions) (sysinfo.Host, error) {
	return ask(c, a, (*sysinfo.System).Host, sysinfo.PartHost)
}

func facts(c *kit.Call, a onOptions) (sysinfo.Facts, error) {
	return ask(c, a, (*sysinfo.System).Facts, sysinfo.FactParts...)
}

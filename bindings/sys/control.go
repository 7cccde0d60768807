package sys

import (
	"fmt"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/sysinfo"
)

type niceArgs struct {
	Value *int `lua:"value,arg1" default:"" doc:"New priority; only asked for when absent."`
}

func nice(c *kit.Call, p *sysinfo.Process, a niceArgs) (*int, error) {
	if a.Value != nil {
		if err := p.SetNice(*a.Value); err != nil {
			return nil, err
		}
	}
	i, err := p.Info(c.Context, []string{"nice"})
	if err != nil {
		return nil, err
	}
	return i.Nice, nil
}

type ioniceArgs struct {
	Class string `lua:"class,arg1" default:"" enum:"none|realtime|best-effort|idle" doc:"New class; only asked for when absent."`
	Level *int   `lua:"level,arg2" default:"" doc:"Level in the class, from 0, the highest, to 7; 4 when absent, for classes with levels."`
}

// ioPriority is a priority for disks.
type ioPriority struct {
	Class string `lua:"class" doc:"none, realtime, best-effort or idle."`
	Level int    `lua:"level" doc:"From 0, the highest, to 7."`
}

func ionice(_ *kit.Call, p *sysinfo.Process, a ioniceArgs) (now ioPriority, err error) {
	switch {
	case a.Class == "" && a.Level != nil:
		return now, fault.New(fault.Usage, "a level needs a class").WithHint(`p:ionice("best-effort", 7)`)
	case a.Class != "":
		level := 0
		if a.Level != nil {
			level = *a.Level
		} else if a.Class == "best-effort" || a.Class == "realtime" {
			level = 4
		}
		if err := p.SetIONice(a.Class, level); err != nil {
			return now, err
		}
	}
	now.Class, now.Level, err = p.IONice()
	return now, err
}

type affinityArgs struct {
	CPUs *[]int `lua:"cpus,arg1" default:"" doc:"Numbers of processors from 0; only asked for when absent."`
}

func affinity(_ *kit.Call, p *sysinfo.Process, a affinityArgs) ([]int, error) {
	if a.CPUs != nil {
		if err := p.SetAffinity(*a.CPUs); err != nil {
			return nil, err
		}
	}
	return p.Affinity()
}

type rlimitArgs struct {
	Name string `lua:"name,arg1" doc:"Resource as in getrlimit(2), in lower case: nofile, nproc, core, ..."`
	Soft limit  `lua:"soft" default:"" doc:"New limit that counts."`
	Hard limit  `lua:"hard" default:"" doc:"New limit up to which the process itself may raise the soft one."`
}

// limit is a number or "unlimited"; the zero value is none given.
type limit struct {
	given bool
	n     uint64
}

// FromLua reads a number or "unlimited".
func (l *limit) FromLua(value any) error {
	n, ok := value.(float64)
	switch {
	case value == "unlimited":
		*l = limit{true, sysinfo.Unlimited}
	case ok && n >= 0 && n == float64(uint64(n)):
		*l = limit{true, uint64(n)}
	default:
		return fmt.Errorf("want a whole number or %q, got %v", "unlimited", value)
	}
	return nil
}

// LuaType names what FromLua takes.
func (l *limit) LuaType() string { return `number|"unlimited"` }

// limits are the limits of a resource.
type limits struct {
	Soft any `lua:"soft" doc:"The limit that counts: a number or \"unlimited\"."`
	Hard any `lua:"hard" doc:"The limit up to which the process itself may raise the soft one."`
}

func rlimit(_ *kit.Call, p *sysinfo.Process, a rlimitArgs) (limits, error) {
	soft, hard, err := p.Limit(a.Name)
	if err != nil {
		return limits{}, err
	}
	if a.Soft.given || a.Hard.given {
		if a.Soft.given {
			soft = a.Soft.n
		}
		if a.Hard.given {
			hard = a.Hard.n
		}
		if err := p.SetLimit(a.Name, soft, hard); err != nil {
			return limits{}, err
		}
	}
	return limits{limitValue(soft), limitValue(hard)}, nil
}

func limitValue(n uint64) any {
	if n == sysinfo.Unlimited {
		return "unlimited"
	}
	return n
}

type signalArgs struct {
	Signal signalName `lua:"signal,arg1" doc:"Name or number."`
}

// signalName takes a name or a number.
type signalName string

// FromLua reads a name or a number.
func (s *signalName) FromLua(value any) error {
	switch value.(type) {
	case string, float64:
		*s = signalName(fmt.Sprint(value))
		return nil
	}
	return fmt.Errorf("want the name or number of a signal, got %v", value)
}

// LuaType names what FromLua takes.
func (s *signalName) LuaType() string { return "string|integer" }

func sendSignal(_ *kit.Call, p *sysinfo.Process, a signalArgs) (kit.None, error) {
	sig, err := sysinfo.ParseSignal(string(a.Signal))
	if err != nil {
		return kit.None{}, err
	}
	return kit.None{}, p.Signal(sig)
}

// signaller makes a method that sends one signal.
func signaller(name signalName) func(*kit.Call, *sysinfo.Process, noArgs) (kit.None, error) {
	return func(c *kit.Call, p *sysinfo.Process, _ noArgs) (kit.None, error) {
		return sendSignal(c, p, signalArgs{name})
	}
}

type waitArgs struct {
	Timeout time.Duration `lua:"timeout" default:"0s" doc:"Limit, after which it raises; 0 is none."`
}

func wait(c *kit.Call, p *sysinfo.Process, a waitArgs) (*int, error) {
	return p.Wait(c.Context, a.Timeout)
}

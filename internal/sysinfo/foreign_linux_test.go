package sysinfo

import (
	"math"
	"testing"

	"gofab/internal/fault"
)

// What gopsutil says of this machine reads like what the kernel says of it.
func TestForeignIsTheMachine(t *testing.T) {
	far, near := &System{files: foreign{"elsewhere"}}, here(t)
	c := comparison{t, "foreign"}
	c.equal("memory", float64(must(far.Memory()).Total), float64(must(near.Memory()).Total))
	c.equal("boot", float64(must(far.BootTime()).Unix()), float64(must(near.BootTime()).Unix()))
	if a, b := must(far.Uptime()), must(near.Uptime()); math.Abs(a-b) > 60 {
		t.Errorf("uptime %v, not %v", a, b)
	}
	_ = must(far.Load())
	a, b := must(far.Host()), must(near.Host())
	c.same("host", []string{a.OS, a.Hostname, a.Kernel, a.Arch, a.Distro}, []string{b.OS, b.Hostname, b.Kernel, b.Arch, b.Distro})
	if len(must(far.Partitions(true))) == 0 {
		t.Error("no partitions")
	}
	_, nics, err := far.NetIO()
	if _, ok := nics["lo"]; err != nil || !ok {
		t.Errorf("networks %v: %v", nics, err)
	}
	u, want := must(foreignUsage("/")), must(near.Usage("/"))
	c.equal("room", float64(u.Total), float64(want.Total))
	if _, _, err := far.DiskIO(); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("what is not known: %v", err)
	}
	if _, _, err := far.CPUTimes(); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("times of processors: %v", err)
	}
	if f := must(far.Facts()); f.CPUs < 1 || f.Memory.Total == 0 {
		t.Errorf("facts %+v", f)
	}
	if _, err := far.Process(1); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("a process: %v", err)
	}
}

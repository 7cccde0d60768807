package sysinfo

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

var seed = flag.Uint64("seed", 1, "of the generated trees")

// record is an answer of psutil by name of field.
type record map[string]any

func (r record) number(name string) float64 {
	n, ok := r[name].(float64)
	if !ok {
		return math.NaN()
	}
	return n
}

func psutil(t testing.TB) *testenv.Oracle {
	return testenv.Ask(t, testenv.Python(t, "psutil"), "testdata/psutil_oracle.py")
}

// generator writes trees of /proc.
type generator struct {
	t   testing.TB
	r   *rand.Rand
	dir string
}

func newGenerator(t testing.TB) *generator {
	t.Logf("seed %d", *seed)
	return &generator{t, rand.New(rand.NewPCG(*seed, 0)), t.TempDir()}
}

func (g *generator) write(name, text string) {
	path := filepath.Join(g.dir, name)
	err := os.WriteFile(path, []byte(text), 0o644)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// number is small, large, or nothing.
func (g *generator) number() uint64 {
	switch g.r.IntN(8) {
	case 0:
		return 0
	case 1:
		return g.r.Uint64N(1 << 50)
	default:
		return g.r.Uint64N(1 << g.r.IntN(32))
	}
}

func (g *generator) numbers(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprint(g.number())
	}
	return strings.Join(words, " ")
}

func (g *generator) meminfo() {
	var b strings.Builder
	total := g.number() + 1
	fmt.Fprintf(&b, "MemTotal: %d kB\nMemFree: %d kB\n", total, g.r.Uint64N(total))
	for _, together := range []string{"MemAvailable", "Active", "Inactive", "Inact_dirty Inact_clean Inact_laundry", "Active(file)",
		"Inactive(file)", "SReclaimable", "Shmem", "MemShared", "Slab"} {
		if g.r.IntN(8) == 0 {
			continue
		}
		for _, name := range strings.Fields(together) {
			fmt.Fprintf(&b, "%s: %8d kB\n", name, 1+g.r.Uint64N(total))
		}
	}
	fmt.Fprintf(&b, "Buffers: %d kB\nCached: %d kB\n", g.r.Uint64N(total), g.r.Uint64N(total))
	swap := g.number() % (1 << 40)
	fmt.Fprintf(&b, "SwapTotal: %d kB\nSwapFree: %d kB\n", swap, g.r.Uint64N(swap+1))
	g.write("meminfo", b.String())
	g.write("vmstat", fmt.Sprintf("nr_free_pages 1\npswpin %d\npswpout %d\n", g.r.Uint64N(1<<40), g.r.Uint64N(1<<40)))
	g.write("zoneinfo", fmt.Sprintf("Node 0, zone DMA\n  pages free 3\n        min 1\n        low      %d\n        high 9\n", g.r.Uint64N(1<<20)))
}

func (g *generator) machine() {
	g.meminfo()
	text := "cpu  " + g.numbers(10) + "\n"
	for i := range g.r.IntN(5) + 1 {
		text += fmt.Sprintf("cpu%d %s\n", i, g.numbers(10))
	}
	text += fmt.Sprintf("intr %s\nctxt %d\nbtime %d\nprocesses 7\nsoftirq %s\n", g.numbers(9), g.number(), 1+g.r.Uint64N(1<<31), g.numbers(5))
	g.write("stat", text)
	text = ""
	for i := range g.r.IntN(6) {
		text += fmt.Sprintf("   8 %6d sd%c %s\n", i, 'a'+i, g.numbers([]int{11, 15, 17}[g.r.IntN(3)]))
	}
	g.write("diskstats", text)
	text = "Inter-|   Receive\n face |bytes\n"
	for i := range g.r.IntN(4) + 1 {
		text += fmt.Sprintf("%6s:%s\n", []string{"lo", "eth0", "eth0:1", "wg-9"}[i], g.numbers(16))
	}
	g.write("net/dev", text)
}

// The counters of a machine, and what they mean, are psutil's.
func TestMachineAgainstPsutil(t *testing.T) {
	t.Parallel()
	original, g := psutil(t), newGenerator(t)
	s := At(g.dir, t.TempDir())
	for n := range 1000 {
		g.machine()
		var want struct {
			Memory, Swap, CPU, Stats record
			CPUs                     []record
			Disks, Nics              map[string]record
			Boot                     float64
		}
		original.Ask(record{"call": "system", "proc": g.dir}, &want)
		c := comparison{t, fmt.Sprintf("tree %d", n)}
		compareMachine(c, s, want.Memory, want.Swap, want.Stats)
		all, each, err := s.CPUTimes()
		if err != nil {
			t.Fatal(err)
		}
		c.cpu(all, want.CPU)
		if len(each) != len(want.CPUs) {
			t.Fatalf("%s: %d processors, not %d", c.name, len(each), len(want.CPUs))
		}
		for i := range each {
			c.cpu(each[i], want.CPUs[i])
		}
		compareCounters(c, s, want.Disks, want.Nics)
		boot, err := s.BootTime()
		c.equal("boot", float64(boot.Unix()), want.Boot)
		if err != nil || t.Failed() {
			t.Fatal(err, "the tree is wrong above")
		}
	}
}

type comparison struct {
	t    *testing.T
	name string
}

func (c comparison) equal(what string, got, want float64) {
	c.t.Helper()
	if math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) || math.IsNaN(want) {
		c.t.Errorf("%s: %s: got %v, want %v", c.name, what, got, want)
	}
}

func (c comparison) cpu(got CPUTimes, want record) {
	c.t.Helper()
	names := []string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"}
	for i, field := range got.each() {
		c.equal(names[i], *field, want.number(names[i]))
	}
}

// used and percent are those of psutil 7.1: what is not available.
func compareMachine(c comparison, s *System, memory, swap, stats record) {
	m, err := s.Memory()
	if err != nil {
		c.t.Fatal(err)
	}
	for name, got := range map[string]uint64{
		"total": m.Total, "available": m.Available, "free": m.Free, "active": m.Active, "inactive": m.Inactive, "buffers": m.Buffers,
		"cached": m.Cached, "shared": m.Shared, "slab": m.Slab,
	} {
		c.equal("memory "+name, float64(got), memory.number(name))
	}
	c.equal("used", float64(m.Used), memory.number("total")-memory.number("available"))
	c.equal("memory percent", m.Percent, memory.number("percent"))
	w, err := s.Swap()
	if err != nil {
		c.t.Fatal(err)
	}
	for name, got := range map[string]float64{
		"total": float64(w.Total), "used": float64(w.Used), "free": float64(w.Free), "percent": w.Percent, "sin": float64(w.In), "sout": float64(w.Out),
	} {
		c.equal("swap "+name, got, swap.number(name))
	}
	x, err := s.CPUStats()
	if err != nil {
		c.t.Fatal(err)
	}
	c.equal("ctx_switches", float64(x.ContextSwitches), stats.number("ctx_switches"))
	c.equal("interrupts", float64(x.Interrupts), stats.number("interrupts"))
	c.equal("soft_interrupts", float64(x.SoftInterrupts), stats.number("soft_interrupts"))
}

func compareCounters(c comparison, s *System, disks, nics map[string]record) {
	_, gotDisks, err := s.DiskIO()
	if err != nil || len(gotDisks) != len(disks) {
		c.t.Fatalf("%s: %d disks, not %d: %v", c.name, len(gotDisks), len(disks), err)
	}
	for name, d := range gotDisks {
		for field, got := range map[string]float64{
			"read_count": float64(d.Reads), "write_count": float64(d.Writes), "read_bytes": float64(d.ReadBytes), "write_bytes": float64(d.WriteBytes),
			"read_merged_count": float64(d.ReadMerged), "write_merged_count": float64(d.WriteMerged),
		} {
			c.equal(name+" "+field, got, disks[name].number(field))
		}
		c.equal(name+" read_time", d.ReadTime*1000, disks[name].number("read_time"))
		c.equal(name+" write_time", d.WriteTime*1000, disks[name].number("write_time"))
		c.equal(name+" busy_time", d.BusyTime*1000, disks[name].number("busy_time"))
	}
	_, gotNics, err := s.NetIO()
	if err != nil || len(gotNics) != len(nics) {
		c.t.Fatalf("%s: %d interfaces, not %d: %v", c.name, len(gotNics), len(nics), err)
	}
	for name, n := range gotNics {
		for field, got := range map[string]uint64{
			"bytes_sent": n.BytesSent, "bytes_recv": n.BytesReceived, "packets_sent": n.PacketsSent, "packets_recv": n.PacketsReceived,
			"errin": n.ErrorsIn, "errout": n.ErrorsOut, "dropin": n.DropsIn, "dropout": n.DropsOut,
		} {
			c.equal(name+" "+field, float64(got), nics[name].number(field))
		}
	}
}

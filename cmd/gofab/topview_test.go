package main

import (
	"strings"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/sysinfo"
)

func processOf(pid int, name string, seconds float64, rss uint64) *sysinfo.Info {
	user, status, nice, zero := "ops", "running", 0, 0.0
	return &sysinfo.Info{PID: pid, Name: &name, User: &user, Status: &status, Nice: &nice, RSS: &rss, MemPercent: &zero, CPUUser: &seconds, CPUSystem: &zero}
}

func sampleOf(name string, uptime, busy float64, list ...*sysinfo.Info) machineSample {
	return machineSample{name: name, Sample: sysinfo.Sample{
		CPU: sysinfo.CPUTimes{User: busy, Idle: 2*uptime - busy}, CPUs: 2, Uptime: uptime, Processes: list,
		Memory: sysinfo.Memory{Total: 1 << 30, Available: 1 << 29, Percent: 50},
	}}
}

// What a process took is what it took since the look before; a hostile name
// is shown without its escapes, on one line, within the columns.
func TestTopView(t *testing.T) {
	v := topView{
		before: []machineSample{sampleOf("web1", 100, 50, processOf(1, "steady", 50, 10), processOf(2, "busy", 1, 20))},
		now:    []machineSample{sampleOf("web1", 110, 60, processOf(1, "steady", 51, 10), processOf(2, "busy", 6, 20), processOf(3, "\x1b[2J\nroot", 9, 1<<20))},
	}
	text := v.text(0, 0)
	for _, want := range []string{" 50.0%  of 2 processors", "90.0    0.0    1.0M  [", "50.0    0.0     20B  [busy]", "10.0    0.0     10B  [steady]"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.ContainsRune(text, 0x1b) || strings.Count(text, "\n") != 8 {
		t.Errorf("a name does what it likes:\n%q", text)
	}
	if strings.Index(text, "[busy]") > strings.Index(text, "[steady]") {
		t.Error("the busiest is not the first")
	}
	v.press('m')
	small := strings.Split(v.text(30, 6), "\r\n")
	if len(small) != 6 || !strings.HasPrefix(small[5], "       3 ops") {
		t.Errorf("%q", small)
	}
	for _, line := range small {
		if len(strings.TrimSuffix(line, "\x1b[K")) > 30 {
			t.Errorf("%q is too long", line)
		}
	}
}

// In a group the busiest host is the first, and one that gave no answer the
// last, with the reason.
func TestTopViewOfGroup(t *testing.T) {
	lost := machineSample{name: "web3", err: fault.New(fault.Unreachable, "no route")}
	v := topView{
		before: []machineSample{sampleOf("web1", 100, 0), sampleOf("web2", 100, 0), lost},
		now:    []machineSample{lost, sampleOf("web1", 110, 2), sampleOf("web2", 110, 10)},
	}
	lines := strings.Split(v.text(0, 0), "\n")
	for i, want := range []string{"HOST", "web2                   50.0", "web1                   10.0", "web3                 no route"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, not %q", i, lines[i], want)
		}
	}
	if data := v.data(); len(data) != 2 {
		t.Errorf("data of %d hosts", len(data))
	}
}

// A process that ended while it was looked at has a line with what is known.
func TestTopViewOfWhatHasEnded(t *testing.T) {
	ended := &sysinfo.Info{PID: 7}
	for _, v := range []topView{
		{now: []machineSample{sampleOf("web1", 10, 1, ended)}},
		{now: []machineSample{sampleOf("web1", 10, 1, ended, processOf(8, "x", 1, 2))}, byMemory: true},
		{now: []machineSample{sampleOf("web1", 10, 1, ended), sampleOf("web2", 10, 1)}},
	} {
		if text := v.text(80, 24); !strings.Contains(text, "web1") {
			t.Errorf("got %q", text)
		}
	}
}

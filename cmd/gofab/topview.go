package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gofab/internal/sysinfo"
	"gofab/internal/termsafe"
)

// machineSample is a host at one moment, or why it gave no answer.
type machineSample struct {
	sysinfo.Sample
	name string
	err  error
}

// topView is what gofab top shows: the difference between two looks.
type topView struct {
	before, now []machineSample
	byMemory    bool
}

func (v *topView) press(key byte) {
	switch key {
	case 'm', 'M':
		v.byMemory = true
	case 'c', 'C':
		v.byMemory = false
	}
}

// earlier finds the look before at a machine; without one it is since boot.
func (v *topView) earlier(name string) sysinfo.Sample {
	at := slices.IndexFunc(v.before, func(m machineSample) bool { return m.name == name && m.err == nil })
	if at < 0 {
		return sysinfo.Sample{}
	}
	return v.before[at].Sample
}

// cpu is how busy a machine was between two looks.
func (v *topView) cpu(m machineSample) float64 {
	passed := m.CPU.Since(v.earlier(m.name).CPU)
	if passed.Total() == 0 { // one look only
		passed = m.CPU
	}
	return passed.BusyPercent()
}

// busiest orders the processes of a machine.
func (v *topView) busiest(m machineSample) []sysinfo.Busy {
	before := v.earlier(m.name)
	if before.Uptime == m.Uptime {
		before = sysinfo.Sample{}
	}
	list := m.Since(before)
	if v.byMemory {
		slices.SortStableFunc(list, func(a, b sysinfo.Busy) int { return cmp.Compare(known(b.RSS), known(a.RSS)) })
	}
	return list
}

// text draws the view into a screen; without one it is as long as needed, with
// 20 processes.
func (v *topView) text(columns, rows int) string {
	var lines []string
	if len(v.now) == 1 {
		lines = v.machine(v.now[0], rows)
	} else {
		lines = v.group()
	}
	if columns == 0 {
		return strings.Join(lines, "\n") + "\n"
	}
	if len(lines) > rows {
		lines = lines[:rows]
	}
	for i, line := range lines {
		lines[i] = cut(line, columns) + "\x1b[K"
	}
	return strings.Join(lines, "\r\n")
}

// cut keeps a line within the columns; text of remote sides is made harmless.
func cut(line string, columns int) string {
	runes := []rune(line)
	return string(runes[:min(len(runes), columns)])
}

func (v *topView) machine(m machineSample, rows int) []string {
	if m.err != nil {
		return []string{termsafe.Clean(m.name + "  " + m.err.Error())}
	}
	running := 0
	for _, p := range m.Processes {
		if known(p.Status) == "running" {
			running++
		}
	}
	busy := v.cpu(m)
	lines := []string{
		fmt.Sprintf("%s  up %s  load %.2f %.2f %.2f  %d processes, %d running", termsafe.Clean(m.name), span(m.Uptime),
			m.Load[0], m.Load[1], m.Load[2], len(m.Processes), running),
		fmt.Sprintf("cpu  %s %5.1f%%  of %s", bar(busy, 30), busy, counted(m.CPUs, "processor")),
		fmt.Sprintf("mem  %s %5.1f%%  %s available of %s", bar(m.Memory.Percent, 30), m.Memory.Percent, bytesText(m.Memory.Available), bytesText(m.Memory.Total)),
	}
	if m.Swap.Total > 0 {
		lines = append(lines, fmt.Sprintf("swap %s %5.1f%%  %s used of %s", bar(m.Swap.Percent, 30), m.Swap.Percent, bytesText(m.Swap.Used), bytesText(m.Swap.Total)))
	}
	lines = append(lines, "", fmt.Sprintf("%8s %-12s %3s %-5s %6s %6s %7s  %s", "PID", "USER", "NI", "STATE", "CPU%", "MEM%", "RSS", "COMMAND"))
	limit := 20
	if rows > 0 {
		limit = max(rows-len(lines), 0)
	}
	list := v.busiest(m)
	for _, p := range list[:min(limit, len(list))] {
		lines = append(lines, processLine(p))
	}
	return lines
}

func processLine(p sysinfo.Busy) string {
	command := "[" + known(p.Name) + "]"
	if p.Cmdline != nil && len(*p.Cmdline) > 0 {
		command = strings.Join(*p.Cmdline, " ")
	}
	user := "?"
	if p.User != nil {
		user = *p.User
	}
	line := fmt.Sprintf("%8d %-12.12s %3d %-5.5s %6.1f %6.1f %7s  %s", p.PID, user, known(p.Nice), known(p.Status), p.Percent, known(p.MemPercent),
		bytesText(known(p.RSS)), command)
	return strings.ReplaceAll(termsafe.Clean(line), "\n", " ")
}

// known is a value that was read, or nothing: a process may end while it is
// looked at, and a zombie has less to tell.
func known[T any](value *T) T {
	if value == nil {
		var nothing T
		return nothing
	}
	return *value
}

// group has a line for each host, the busiest first; those that gave no answer
// are at the end.
func (v *topView) group() []string {
	list := slices.Clone(v.now)
	slices.SortStableFunc(list, func(a, b machineSample) int {
		switch {
		case a.err != nil || b.err != nil:
			return cmp.Compare(boolInt(a.err != nil), boolInt(b.err != nil))
		case v.byMemory:
			return cmp.Compare(b.Memory.Percent, a.Memory.Percent)
		}
		return cmp.Compare(v.cpu(b), v.cpu(a))
	})
	lines := []string{fmt.Sprintf("%-20s %6s %6s %7s %8s %6s  %s", "HOST", "CPU%", "MEM%", "LOAD", "FREE", "PROCS", "BUSIEST")}
	for _, m := range list {
		name := termsafe.Clean(m.name)
		if m.err != nil {
			lines = append(lines, fmt.Sprintf("%-20s %s", name, termsafe.Clean(m.err.Error())))
			continue
		}
		busiest := ""
		if found := v.busiest(m); len(found) > 0 {
			busiest = fmt.Sprintf("%s %.1f%%", known(found[0].Name), found[0].Percent)
		}
		lines = append(lines, fmt.Sprintf("%-20s %6.1f %6.1f %7.2f %8s %6d  %s", name, v.cpu(m), m.Memory.Percent, m.Load[0],
			bytesText(m.Memory.Available), len(m.Processes), strings.ReplaceAll(termsafe.Clean(busiest), "\n", " ")))
	}
	return lines
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// data is the view as plain data, for -o json.
func (v *topView) data() map[string]any {
	hosts := map[string]any{}
	for _, m := range v.now {
		if m.err != nil {
			continue
		}
		var processes []any
		list := v.busiest(m)
		for _, p := range list[:min(20, len(list))] {
			row, _ := sysinfo.Plain(p.Info).(map[string]any)
			row["cpu_percent"] = p.Percent
			processes = append(processes, row)
		}
		hosts[m.name] = map[string]any{
			"cpu_percent": v.cpu(m), "memory": sysinfo.Plain(m.Memory), "swap": sysinfo.Plain(m.Swap), "load": m.Load,
			"uptime": m.Uptime, "processes": len(m.Processes), "busiest": processes,
		}
	}
	return hosts
}

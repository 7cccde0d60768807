// Package sys is the Lua module sys: processors, memory, disks, networks,
// sensors, users and processes of this machine and of hosts.
//
// Rules: what the machine does not say is missing, never 0; percentages go
// from 0 to 100; with on = h the same question goes to a host, in one command,
// and nothing is installed there. Signals and priorities reach this machine
// only, and only the process that was looked at, never another one that has
// got its pid.
package sys

import (
	"gofab/bindings/kit"
	"gofab/internal/machine"
	"gofab/internal/sysinfo"
)

// Module declares sys.
func Module() *kit.Module {
	return &kit.Module{
		Name: "sys",
		Doc: "Processors, memory, disks, networks, sensors, users and processes, of this machine and of hosts. " +
			"With on = host(\"web1\") the same question goes to a host; nothing is installed there.",
		Funcs: append(append(append(cpuFuncs(), memoryFuncs()...), machineFuncs()...), processFuncs()...),
		Types: []kit.Type{processType()},
	}
}

func cpuFuncs() []kit.Func {
	return []kit.Func{
		kit.Fn("cpu_percent", "Tell how busy the processors are over an interval, as a number, or as a list with percpu. Other hosts go on meanwhile.", cpuPercent).With(
			`local busy = sys.cpu_percent{ interval = 0.05 }
assert(busy >= 0 and busy <= 100)`,
			`for i, busy in ipairs(sys.cpu_percent{ interval = 0.05, percpu = true, on = host("web1") }) do
  print("processor " .. i - 1, busy)
end`),
		kit.Fn("cpu_times", "Give the seconds since boot that the processors spent on what: user, nice, system, idle, iowait, irq, softirq, "+
			"steal, guest, guest_nice; a list of such tables with percpu.", cpuTimes).With(
			`assert(sys.cpu_times().idle >= 0)`),
		kit.Fn("cpu_times_percent", "Give the shares of what the processors did over an interval, with the fields of sys.cpu_times; a list with percpu.", cpuTimesPercent).With(
			`print(sys.cpu_times_percent{ interval = 0.05 }.iowait)`),
		kit.Fn("cpu_count", "Count the processors that are on; with physical the cores, which is nil when unknown.", cpuCount).With(
			`assert(sys.cpu_count() >= 1)`),
		kit.Fn("cpu_stats", "Give the counters of context switches and interrupts since boot.", cpuStats).With(
			`assert(sys.cpu_stats().ctx_switches > 0)`),
		kit.Fn("cpu_freq", "Give the clock of the processors in MHz, current, min and max, on average, or a list with percpu; nil when unknown.", cpuFreq).With(
			`local clock = sys.cpu_freq()
if clock then print(clock.current .. " MHz") end`),
		kit.Fn("load", "Give how many tasks ran or waited, on average over 1, 5 and 15 minutes.", load).With(
			`local one, five, fifteen = sys.load()
assert(one >= 0 and fifteen >= 0)`),
	}
}

func memoryFuncs() []kit.Func {
	return []kit.Func{
		kit.Fn("memory", "Give the memory in bytes, with the meanings of psutil.", memory).With(
			`local m = sys.memory()
assert(m.available <= m.total)
print(string.format("%.1f%% of %d MB in use", m.percent, m.total / 2 ^ 20))`,
			`assert(sys.memory{ on = host("web1") }.total > 0)`),
		kit.Fn("swap", "Give the swap space in bytes.", swap).With(`assert(sys.swap().used <= sys.swap().total)`),
		kit.Fn("partitions", "List what is mounted: file systems on disks, or with all every one.", partitions).With(
			`for _, p in ipairs(sys.partitions{ all = true }) do print(p.mount, p.fstype) end`),
		kit.Fn("disk_usage", "Tell how full a file system is. On a host the path is a mount point.", diskUsage).With(
			`assert(sys.disk_usage("/").percent <= 100)
assert(sys.disk_usage("/", { on = host("web1") }).total > 0)`),
		kit.Fn("disk_io", "Give the counters of the disks since boot: the sum, or with per_disk a table by name, partitions among them. Fields: "+
			"read_count, write_count, read_bytes, write_bytes, read_merged_count, write_merged_count, and in seconds read_time, write_time, busy_time.", diskIO).With(
			`for name, d in pairs(sys.disk_io{ per_disk = true }) do print(name, d.read_bytes, d.write_bytes) end`),
	}
}

func machineFuncs() []kit.Func {
	return []kit.Func{
		kit.Fn("net_io", "Give the counters of the network since boot: the sum, or with per_nic a table by interface. Fields: "+
			"bytes_sent, bytes_recv, packets_sent, packets_recv, errin, errout, dropin, dropout.", netIO).With(
			`assert(sys.net_io{ per_nic = true }.lo)`),
		kit.Fn("interfaces", "List the network interfaces with their addresses and state.", interfaces).With(
			`for _, i in ipairs(sys.interfaces()) do
  for _, a in ipairs(i.addresses) do print(i.name, a.address .. "/" .. a.prefix) end
end`),
		kit.Fn("connections", "List the sockets with the processes that have them open. Those of others need root.", connections).With(
			`for _, c in ipairs(sys.connections{ kind = "tcp", state = "LISTEN" }) do print(c.laddr.port, c.pid) end`),
		kit.Fn("temperatures", "List the sensors of temperature; empty in most virtual machines.", temperatures).With(
			`for _, t in ipairs(sys.temperatures()) do print(t.chip, t.label, t.current) end`),
		kit.Fn("fans", "List the fans with their speed.", fans).With(`assert(#sys.fans() >= 0)`),
		kit.Fn("battery", "Tell how full the battery is; nil when there is none.", battery).With(
			`local b = sys.battery()
if b then print(b.percent) end`),
		kit.Fn("users", "List who is logged in, from utmp. A system without it, such as Debian 13, gives an empty list.", users).With(
			`for _, u in ipairs(sys.users()) do print(u.name, u.terminal, u.host) end`),
		kit.Fn("boot_time", "Tell when the machine was started, in Unix seconds.", bootTime).With(`assert(sys.boot_time() < time.now())`),
		kit.Fn("uptime", "Tell for how many seconds the machine runs.", uptime).With(`assert(sys.uptime() > 0)`),
		kit.Fn("host", "Tell what the machine is: names, system, kernel, architecture, hypervisor.", hostFacts).With(
			`assert(sys.host().os == "linux")
print(sys.host{ on = host("web1") }.kernel)`),
		kit.Fn("facts", "Give everything at once that describes a machine: host, processors, memory, disks, interfaces.", facts).With(
			`print(sys.facts{ on = host("web1") }.memory.total)`),
	}
}

func processFuncs() []kit.Func {
	return []kit.Func{
		kit.Fn("processes", "List processes as tables, by pid. Only what the fields need is read. One that ends meanwhile is left out, "+
			"and a field that may not be read is missing.", processes).With(
			`for _, p in ipairs(sys.processes{ fields = { "pid", "name", "rss" } }) do print(p.pid, p.name, p.rss) end`,
			`assert(#sys.processes{ name = "no such program" } == 0)`,
			`local top = sys.processes{ fields = { "name", "rss" }, on = host("web1") }
table.sort(top, function(a, b) return (a.rss or 0) > (b.rss or 0) end)
print(top[1].name)`),
		kit.Fn("pids", "List the numbers of all processes.", pids).With(`assert(#sys.pids() > 0)`),
		kit.Fn("pid_exists", "Tell whether there is a process with a number.", pidExists).With(`assert(not sys.pid_exists(2 ^ 30))`),
		kit.Fn("process", "Give one process of this machine, by its number or without one gofab itself. None there raises notfound.", process).With(
			`local me = sys.process()
assert(me.pid > 0 and me:is_running())`),
		kit.Fn("tree", "Give a process with its children, and theirs, as nested tables: pid, name, children.", tree).With(
			`local me = sys.tree(sys.process().pid)
assert(#me.children == 0)`),
		kit.Fn("popen", "Start a program of this machine and go on; it ends with the run. See proc.run for one to wait for.", popen).With(
			`local p = sys.popen{ "sleep", "60" }
p:terminate()
assert(p:wait{ timeout = 5 } == 128 + 15)`),
		kit.Fn("wait", "Wait for several processes. Gives those that ended and those that still run.", waitAll).With(
			`local quick, slow = sys.popen{ "true" }, sys.popen{ "sleep", "60" }
local r = sys.wait({ quick }, { timeout = 5 })
assert(#r.gone == 1 and #r.alive == 0)
slow:kill()`),
	}
}

// onOptions is embedded by what a host can be asked.
type onOptions struct {
	On machine.Machine `lua:"on" default:"" doc:"Host to ask; this machine when absent."`
}

// from gives the machine to ask: this one, or the parts of a host that are
// needed.
func (o onOptions) from(c *kit.Call, parts ...sysinfo.Part) (*sysinfo.System, error) {
	if o.On != nil {
		return sysinfo.Capture(c.Context, o.On, parts...)
	}
	return sysinfo.Local(c.World.Getenv)
}

// label tells machines apart in what a run remembers.
func (o onOptions) label() string {
	if o.On != nil {
		return "host " + o.On.Label()
	}
	return ""
}

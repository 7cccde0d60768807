package sys

import (
	"fmt"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/sysinfo"
)

func processType() kit.Type {
	return kit.TypeOf[*sysinfo.Process]("process", "One process of this machine: its pid and the moment it started. What is done to it never "+
		"reaches another process that has got its pid; one that has ended raises notfound.",
		kit.Method("info", "Read fields of it: a list of names, \"all\", or the cheap ones when absent. What may not be read is missing.", info).With(
			`local p = sys.process()
local i = p:info{ "name", "rss", "num_fds" }
assert(i.rss > 0 and i.num_fds > 0)
assert(p:info("all").cmdline)`),
		kit.Method("is_running", "Tell whether it is still there; a zombie is.", isRunning),
		kit.Method("parent", "Give its parent; nil when there is none.", parent),
		kit.Method("parents", "List its parent, the parent of that, and so on.", parents).With(
			`for _, p in ipairs(sys.process():parents()) do print(p) end`),
		kit.Method("children", "List what it started and still runs.", childList).With(
			`local p = sys.popen{ "sleep", "60" }
assert(sys.process():children()[1] == p or #sys.process():children() >= 1)
p:kill()`),
		kit.Method("cpu_percent", "Tell how much of one processor it takes; above 100 when several threads are busy.", processPercent).With(
			`assert(sys.process():cpu_percent{ interval = 0.05 } >= 0)`),
		kit.Method("threads", "List its threads with their processor time.", threads),
		kit.Method("open_files", "List the regular files it has open.", openFiles).With(
			`for _, f in ipairs(sys.process():open_files()) do print(f.path, f.mode) end`),
		kit.Method("connections", "List its sockets.", processConnections),
		kit.Method("memory_maps", "List what its memory is for.", memoryMaps).With(
			`for _, m in ipairs(sys.process():memory_maps()) do print(m.path, m.rss) end`),
		kit.Method("nice", "Give its priority, from -20 to 19, or set it.", nice).With(
			`local p = sys.popen{ "sleep", "60" }
p:nice(15)
assert(p:nice() == 15)
p:kill()`),
		kit.Method("ionice", "Give its priority for disks, class and level, or set it.", ionice).With(
			`local p = sys.popen{ "sleep", "60" }
p:ionice("idle")
assert(p:ionice().class == "idle")
p:kill()`),
		kit.Method("affinity", "List the processors it may run on, from 0, or set them; an empty list is all.", affinity).With(
			`assert(#sys.process():affinity() >= 1)`),
		kit.Method("rlimit", "Give the limits of a resource, or set them. A limit is a number or \"unlimited\".", rlimit).With(
			`local p = sys.popen{ "sleep", "60" }
p:rlimit("nofile", { soft = 64 })
assert(p:rlimit("nofile").soft == 64)
p:kill()`),
		kit.Method("send_signal", "Send a signal: HUP, SIGHUP or a number.", sendSignal).With(
			`local p = sys.popen{ "sleep", "60" }
p:send_signal("INT")
assert(p:wait{ timeout = 5 } == 128 + 2)`),
		kit.Method("suspend", "Stop it until resume: SIGSTOP.", signaller("STOP")),
		kit.Method("resume", "Let it go on: SIGCONT.", signaller("CONT")),
		kit.Method("terminate", "Ask it to end: SIGTERM.", signaller("TERM")),
		kit.Method("kill", "End it at once: SIGKILL.", signaller("KILL")),
		kit.Method("wait", "Wait for its end. Gives the exit code of a process of sys.popen, 128 and the signal when that ended it; nil for "+
			"others, which also count as ended when they are zombies.", wait).With(
			`assert(sys.popen{ "sh", "-c", "exit 3" }:wait{ timeout = 5 } == 3)`),
	).Fields(
		kit.Field("pid", "Its number.", func(p *sysinfo.Process) int { return p.PID }),
		kit.Field("create_time", "When it was started, in Unix seconds.", (*sysinfo.Process).Created),
	)
}

type noArgs struct{}

type infoArgs struct {
	Fields fieldNames `lua:"fields,arg1" default:"" doc:"Names of fields, or \"all\"."`
}

// fieldNames takes one name or a list.
type fieldNames []string

// FromLua reads one name or a list of names.
func (f *fieldNames) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		*f = fieldNames{value}
		return nil
	case []any:
		for _, v := range value {
			name, ok := v.(string)
			if !ok {
				return fmt.Errorf("want names of fields, got %v", v)
			}
			*f = append(*f, name)
		}
		return nil
	}
	return fmt.Errorf("want the name of a field or a list of names")
}

// LuaType names what FromLua takes.
func (f *fieldNames) LuaType() string { return "string|string[]" }

func info(c *kit.Call, p *sysinfo.Process, a infoArgs) (*sysinfo.Info, error) {
	return p.Info(c.Context, expand(a.Fields))
}

func isRunning(_ *kit.Call, p *sysinfo.Process, _ noArgs) (bool, error) { return p.Running(), nil }

func parent(_ *kit.Call, p *sysinfo.Process, _ noArgs) (*sysinfo.Process, error) { return p.Parent() }

func parents(_ *kit.Call, p *sysinfo.Process, _ noArgs) (list []*sysinfo.Process, err error) {
	for p, err = p.Parent(); p != nil && err == nil; p, err = p.Parent() {
		list = append(list, p)
	}
	return list, err
}

type childrenArgs struct {
	Recursive bool `lua:"recursive" default:"false" doc:"Also what those started."`
}

func childList(c *kit.Call, p *sysinfo.Process, a childrenArgs) ([]*sysinfo.Process, error) {
	return p.Children(c.Context, a.Recursive)
}

type shareArgs struct {
	Interval time.Duration `lua:"interval" default:"0s" doc:"How long to look; 0 is the time since the last call for this object, or since its start at the first."`
}

func processPercent(c *kit.Call, p *sysinfo.Process, a shareArgs) (float64, error) {
	return p.CPUPercent(c.Context, a.Interval)
}

func threads(_ *kit.Call, p *sysinfo.Process, _ noArgs) ([]sysinfo.Thread, error) { return p.Threads() }

func openFiles(_ *kit.Call, p *sysinfo.Process, _ noArgs) ([]sysinfo.OpenFile, error) {
	return p.OpenFiles()
}

type kindArgs struct {
	Kind string `lua:"kind" default:"inet" enum:"all|inet|inet4|inet6|tcp|tcp4|tcp6|udp|udp4|udp6|unix" doc:"Which sockets."`
}

func processConnections(_ *kit.Call, p *sysinfo.Process, a kindArgs) ([]sysinfo.Connection, error) {
	return p.Connections(a.Kind)
}

type mapsArgs struct {
	Grouped bool `lua:"grouped" default:"true" doc:"One row a path; with false one a piece."`
}

func memoryMaps(_ *kit.Call, p *sysinfo.Process, a mapsArgs) ([]sysinfo.Map, error) {
	return p.MemoryMaps(a.Grouped)
}

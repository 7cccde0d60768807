package sysinfo

import (
	"bytes"
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"gofab/internal/machine"
)

// What a capture takes: patterns of files, and commands whose output counts as
// a file named !name.
//
// A capture is one line for a POSIX shell. Each line of each file comes with
// the file's name in front, which grep writes: whatever a process calls
// itself, it cannot pass for another file.
type wanted struct {
	files    []string
	status   bool // of /proc/PID/status the lines that are read, which are few of many
	commands map[string]string
}

// maxCapture bounds a capture; a host with 30,000 processes needs about 30 MB.
const maxCapture = 128 << 20

// Part is something a capture can take.
type Part int

// The parts.
const (
	PartCPU Part = iota
	PartTopology
	PartMemory
	PartMounts
	PartDisks
	PartNetwork
	PartInterfaces
	PartConnections
	PartSensors
	PartUsers
	PartHost
	PartProcesses
	PartProcessIO
)

var parts = map[Part]wanted{
	PartCPU:      {files: []string{"/proc/stat", "/proc/loadavg", "/proc/uptime"}},
	PartTopology: {files: []string{"/proc/stat", "/proc/cpuinfo", "/sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list", "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/*_freq"}},
	PartMemory:   {files: []string{"/proc/meminfo", "/proc/vmstat", "/proc/zoneinfo"}},
	PartMounts: {
		files:    []string{"/proc/filesystems", "/proc/self/mounts"},
		commands: map[string]string{"!df": "df -kP", "!dfi": "df -iP"},
	},
	PartDisks:   {files: []string{"/proc/diskstats", "/sys/block/*/size"}},
	PartNetwork: {files: []string{"/proc/net/dev"}},
	PartInterfaces: {
		files:    []string{"/sys/class/net/*/address", "/sys/class/net/*/mtu", "/sys/class/net/*/speed", "/sys/class/net/*/duplex", "/sys/class/net/*/flags", "/sys/class/net/*/operstate"},
		commands: map[string]string{"!ip": "ip -o addr show"},
	},
	PartConnections: {
		files:    []string{"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6", "/proc/net/unix"},
		commands: map[string]string{"!fd": "q=q; ls -q / >/dev/null || q=; ls -l${q}n /proc/[0-9]*/fd/ | grep -E '^/proc/[0-9]+/fd/:$|-> .?socket:'"},
	},
	PartSensors: {files: []string{"/sys/class/hwmon/hwmon*/*", "/sys/class/hwmon/hwmon*/device/*", "/sys/class/thermal/thermal_zone*/*", "/sys/class/power_supply/*/*"}},
	PartUsers:   {files: []string{"/run/utmp", "/var/run/utmp"}},
	PartHost: {
		files: []string{"/proc/stat", "/proc/uptime", "/proc/cpuinfo", "/proc/sys/kernel/ostype", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/version",
			"/proc/sys/kernel/hostname", "/etc/os-release", "/usr/lib/os-release", "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/proc/1/environ", "/run/systemd/container", "/proc/1/cgroup", "/proc/xen/capabilities"},
		commands: map[string]string{"!uname": "uname -m", "!docker": "ls -d /.dockerenv /run/.containerenv"},
	},
	PartProcesses: {status: true, files: []string{"/proc/[0-9]*/stat", "/proc/[0-9]*/statm", "/proc/[0-9]*/cmdline", "/proc/stat", "/proc/meminfo", "/etc/passwd", "/proc/uptime"}},
	PartProcessIO: {files: []string{"/proc/[0-9]*/io"}},
}

// CaptureLine is the command that prints the parts.
func CaptureLine(wants ...Part) string {
	var patterns []string
	var tail strings.Builder
	for _, p := range wants {
		patterns = append(patterns, parts[p].files...)
		if parts[p].status {
			tail.WriteString("grep -asE '^(State|[UG]id|Vm(Size|RSS)|(non)?voluntary_ctxt_switches):' /dev/null /proc/[0-9]*/status; ")
		}
		for _, name := range slices.Sorted(maps.Keys(parts[p].commands)) { // the same line every time, so that it can be told again
			tail.WriteString("{ " + parts[p].commands[name] + "; } 2>/dev/null | sed 's|^|" + name + ":|'; ")
		}
	}
	slices.Sort(patterns)
	patterns = slices.Compact(patterns)
	return "LC_ALL=C; export LC_ALL; grep -as '' /dev/null " + strings.Join(patterns, " ") + "; " + tail.String() + "true"
}

// Capture takes parts of a machine with one command. Nothing is needed there
// but a POSIX shell with grep, sed and ls.
func Capture(ctx context.Context, m machine.Machine, wants ...Part) (*System, error) {
	data, err := m.Output(ctx, CaptureLine(wants...), nil, maxCapture)
	if err != nil {
		return nil, err
	}
	return &System{files: parseCapture(data), host: m.Label()}, nil
}

// snapshot is a captured machine.
type snapshot struct {
	content map[string][]byte
	dirs    map[string][]string
}

// capturedName finds the name in front of a line. Names of files in /sys may hold
// a colon in a folder, those in /proc do not.
var capturedName = regexp.MustCompile(`^(/sys/.*?/[a-z0-9_]+|/[^:]*|![a-z]+):`)

// parseCapture puts the lines of each file together again.
func parseCapture(data []byte) snapshot {
	s := snapshot{content: map[string][]byte{}, dirs: map[string][]string{}}
	for line := range bytes.Lines(data) {
		m := capturedName.FindSubmatchIndex(line)
		if m == nil {
			continue
		}
		name := string(line[m[2]:m[3]])
		if _, known := s.content[name]; !known {
			s.addTo(name)
		}
		s.content[name] = append(s.content[name], line[m[1]:]...)
	}
	return s
}

// addTo puts a file into its folder, and that into the one above.
func (s snapshot) addTo(path string) {
	for {
		at := strings.LastIndexByte(path, '/')
		if at < 1 {
			return
		}
		dir, name := path[:at], path[at+1:]
		if slices.Contains(lastFew(s.dirs[dir]), name) {
			return
		}
		s.dirs[dir] = append(s.dirs[dir], name)
		path = dir
	}
}

// lastFew keeps the search for a name short. Files come folder by folder, so
// that a name seen earlier may be listed twice; list removes that.
func lastFew(names []string) []string { return names[max(0, len(names)-8):] }

func (s snapshot) read(path string) ([]byte, error) {
	if data, ok := s.content[path]; ok {
		if strings.HasSuffix(path, "/cmdline") {
			data = bytes.TrimSuffix(data, []byte("\n")) // grep ended the line, not the process
		}
		return data, nil
	}
	return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
}

func (s snapshot) list(dir string) ([]string, error) {
	names, ok := s.dirs[dir]
	if !ok {
		return nil, &os.PathError{Op: "open", Path: dir, Err: os.ErrNotExist}
	}
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (s snapshot) link(path string) (string, error) {
	return "", &os.PathError{Op: "readlink", Path: path, Err: os.ErrNotExist}
}

package sysinfo

import (
	"slices"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// Thread is one thread of a process.
type Thread struct {
	ID     int     `lua:"id" doc:"Its number."`
	User   float64 `lua:"user" doc:"Seconds of processor time in the program."`
	System float64 `lua:"system" doc:"Seconds of processor time in the kernel."`
}

// Threads lists its threads.
func (p *Process) Threads() (list []Thread, err error) {
	if _, err := p.now(); err != nil {
		return nil, err
	}
	dir := "/proc/" + strconv.Itoa(p.PID) + "/task"
	names, err := p.s.files.list(dir)
	if err != nil {
		return nil, p.refused(err, "threads")
	}
	for _, name := range names {
		data, err := p.s.files.read(dir + "/" + name + "/stat")
		if err != nil {
			continue
		}
		if st, ok := parseStat(data, nil); ok {
			id, _ := strconv.Atoi(name)
			list = append(list, Thread{id, *st.seconds(11), *st.seconds(12)})
		}
	}
	slices.SortFunc(list, func(a, b Thread) int { return a.ID - b.ID })
	return list, nil
}

// OpenFile is a regular file that a process has open.
type OpenFile struct {
	Path     string `lua:"path" doc:"Its path."`
	FD       int    `lua:"fd" doc:"Its number in the process."`
	Position int64  `lua:"position" doc:"Where the next read or write is."`
	Mode     string `lua:"mode" doc:"r, w, a, r+ or a+, as for fopen."`
	Flags    int64  `lua:"flags" doc:"Flags of open(2)."`
}

// OpenFiles lists the regular files it has open.
func (p *Process) OpenFiles() (list []OpenFile, err error) {
	if _, err := p.now(); err != nil {
		return nil, err
	}
	dir := "/proc/" + strconv.Itoa(p.PID)
	names, err := p.s.files.list(dir + "/fd")
	if err != nil {
		return nil, p.refused(err, "open files")
	}
	for _, name := range names {
		target, err := p.s.files.link(dir + "/fd/" + name)
		if err != nil || !strings.HasPrefix(target, "/") || !regular(target) {
			continue
		}
		f := OpenFile{Path: target}
		f.FD, _ = strconv.Atoi(name)
		data, err := p.s.files.read(dir + "/fdinfo/" + name)
		if err != nil {
			continue
		}
		pos, _ := value(data, "pos:")
		flags, _ := value(data, "\nflags:")
		f.Position, _ = strconv.ParseInt(strings.TrimSpace(string(pos)), 10, 64)
		f.Flags, _ = strconv.ParseInt(strings.TrimSpace(string(flags)), 8, 64)
		f.Mode = openMode(f.Flags)
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b OpenFile) int { return a.FD - b.FD })
	return list, nil
}

// openMode names the way a file was opened.
func openMode(flags int64) string {
	const access, appending = 3, 0o2000
	mode := []string{"r", "w", "r+", "r+"}[flags&access]
	if flags&appending != 0 && mode != "r" {
		mode = map[string]string{"w": "a", "r+": "a+"}[mode]
	}
	return mode
}

// MemoryMaps lists what its memory is for: one row a path, or one a piece.
func (p *Process) MemoryMaps(group bool) ([]Map, error) {
	if _, err := p.now(); err != nil {
		return nil, err
	}
	data, err := p.s.files.read("/proc/" + strconv.Itoa(p.PID) + "/smaps")
	if err != nil {
		return nil, p.refused(err, "memory")
	}
	pieces := parseSmaps(data)
	if group {
		pieces = grouped(pieces)
	}
	return pieces, nil
}

// Connections lists its sockets, in its own network.
func (p *Process) Connections(kind string) ([]Connection, error) {
	if _, err := p.now(); err != nil {
		return nil, err
	}
	owners := map[string][]owner{}
	p.s.socketsOf(p.PID, owners)
	all, err := p.s.connections(kind, "/proc/"+strconv.Itoa(p.PID)+"/net/", owners)
	return slices.DeleteFunc(all, func(c Connection) bool { return c.PID == nil }), err
}

func (p *Process) refused(err error, what string) error {
	return fault.OS(err, "cannot see the %s of process %d", what, p.PID)
}

package sysinfo

import (
	"context"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// reader looks at many processes with the same buffers.
type reader struct {
	s      *System
	ctx    context.Context
	wants  map[string]bool
	from   source
	booted time.Time
	memory uint64
	inline bool // status tells the memory too, which saves a file
	users  map[int]string
	buf    []byte
	words  [][]byte
	place  []byte
}

// reader prepares to read fields; none are all that are cheap.
func (s *System) reader(ctx context.Context, fields []string) (*reader, error) {
	r := &reader{s: s, ctx: ctx, wants: map[string]bool{}}
	for _, name := range fields {
		from, known := sources[name]
		if !known {
			return nil, unknownField(name)
		}
		r.wants[name] = true
		r.from |= from
	}
	r.inline = r.from&(fromStatus|fromStatm) == fromStatus|fromStatm && !r.wants["shared"] && !r.wants["text"] && !r.wants["data"]
	if r.inline {
		r.from &^= fromStatm
	}
	var err error
	if r.wants["create_time"] {
		if r.booted, err = s.BootTime(); err != nil {
			return nil, err
		}
	}
	if r.from&withTotal != 0 {
		info, err := s.meminfo()
		if err != nil {
			return nil, err
		}
		r.memory = info["MemTotal"]
	}
	if r.from&withUsers != 0 {
		r.users = s.userNames()
	}
	return r, nil
}

// clone is a reader for another goroutine, with buffers of its own.
func (r *reader) clone() *reader {
	own := *r
	own.users, own.buf, own.words, own.place = maps.Clone(r.users), nil, nil, nil
	return &own
}

func unknownField(name string) error {
	e := fault.New(fault.Usage, "a process has no field %q", name)
	if near := suggest.Nearest(name, Fields()); near != "" {
		e.Message += " (did you mean \"" + near + "\"?)"
	}
	return e
}

// file reads a file of a process into the buffer that all share.
func (r *reader) file(pid int, name string) ([]byte, error) {
	t, live := r.s.files.(tree)
	if !live {
		return r.s.files.read("/proc/" + strconv.Itoa(pid) + "/" + name)
	}
	r.place = append(append(r.place[:0], t.proc...), '/')
	r.place = append(strconv.AppendInt(r.place, int64(pid), 10), '/')
	data, err := readInto(r.buf, string(append(r.place, name...)))
	if cap(data) > cap(r.buf) && cap(data) < 1<<20 {
		r.buf = data
	}
	return data, err
}

func (r *reader) path(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// read gives one process; ok is false when it has ended.
func (r *reader) read(pid int) (info *Info, ok bool) {
	info = &Info{PID: pid}
	if r.from&fromStat != 0 || r.from == 0 {
		data, err := r.file(pid, "stat")
		if err != nil {
			return nil, false
		}
		st, ok := parseStat(data, r.words)
		if !ok {
			return nil, false
		}
		r.words = st.words
		r.fromStat(info, st)
	}
	for _, part := range readers {
		if r.from&part.source == 0 {
			continue
		}
		if err := part.read(r, info); gone(err) && !r.alive(pid) {
			return nil, false
		}
	}
	return info, true
}

// alive tells whether a process is still there after a file of it was not.
func (r *reader) alive(pid int) bool {
	_, err := r.file(pid, "stat")
	return err == nil
}

var readers = []struct {
	source source
	read   func(*reader, *Info) error
}{
	{fromStatus, (*reader).fromStatus}, {fromStatm, (*reader).fromStatm}, {fromCmdline, (*reader).fromCmdline}, {fromIO, (*reader).fromIO},
	{fromExe, (*reader).fromExe}, {fromCwd, (*reader).fromCwd}, {fromEnviron, (*reader).fromEnviron}, {fromFDs, (*reader).fromFDs}, {fromSmaps, (*reader).fromSmaps},
}

// user names a user: by /etc/passwd, by the system's name service where that
// does not know, and by the number where nobody does.
func (r *reader) user(uid int) string {
	name, known := r.users[uid]
	if known {
		return name
	}
	name = strconv.Itoa(uid)
	if r.s.live {
		out, err := exec.CommandContext(r.ctx, "getent", "passwd", name).Output()
		if found, _, ok := strings.Cut(string(out), ":"); err == nil && ok && found != "" {
			name = found
		}
	}
	r.users[uid] = name
	return name
}

func (s *System) userNames() map[int]string {
	names := map[int]string{}
	data, _ := s.files.read("/etc/passwd")
	for line := range lines(data) {
		if words := strings.Split(line, ":"); len(words) > 2 {
			uid, err := strconv.Atoi(words[2])
			if _, known := names[uid]; err == nil && !known {
				names[uid] = words[0]
			}
		}
	}
	return names
}

// PIDs lists the numbers of all processes, in order.
func (s *System) PIDs() []int {
	names, _ := s.files.list("/proc")
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

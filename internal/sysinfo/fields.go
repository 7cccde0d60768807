package sysinfo

import (
	"bytes"
	"os"
	"strings"
)

func (r *reader) fromStat(i *Info, st stat) {
	i.start = st.at(19)
	set(r, "ppid", &i.PPID, func() *int { return ptr(int(st.at(1))) })
	set(r, "status", &i.Status, func() *string { return ptr(stateName(st.words[0][0])) })
	set(r, "create_time", &i.Created, func() *float64 { return ptr(created(r.booted, i.start)) })
	set(r, "terminal", &i.Terminal, func() *string { return terminal(st.signed(4)) })
	set(r, "nice", &i.Nice, func() *int { return ptr(st.signed(16)) })
	set(r, "num_threads", &i.Threads, func() *int { return ptr(int(st.at(17))) })
	set(r, "cpu_user", &i.CPUUser, func() *float64 { return st.seconds(11) })
	set(r, "cpu_system", &i.CPUSystem, func() *float64 { return st.seconds(12) })
	set(r, "children_user", &i.ChildUser, func() *float64 { return st.seconds(13) })
	set(r, "children_system", &i.ChildSystem, func() *float64 { return st.seconds(14) })
	set(r, "iowait", &i.IOWait, func() *float64 { return st.seconds(39) })
	set(r, "cpu_num", &i.CPU, func() *int { return ptr(int(st.at(36))) })
	set(r, "minor_faults", &i.MinorFaults, func() *uint64 { return ptr(st.at(7)) })
	set(r, "major_faults", &i.MajorFaults, func() *uint64 { return ptr(st.at(9)) })
	set(r, "name", &i.Name, func() *string { return r.name(i, st.name) }) // last: it may use the buffer that st lies in
}

// set fills in a field that was asked for.
func set[T any](r *reader, name string, field **T, value func() *T) {
	if r.wants[name] {
		*field = value()
	}
}

func (r *reader) name(i *Info, name string) *string {
	if len(name) < 15 {
		return &name
	}
	data, err := r.file(i.PID, "cmdline")
	if err != nil {
		return &name
	}
	return ptr(wholeName(name, parseCmdline(data)))
}

func (r *reader) fromStatus(i *Info) error {
	data, err := r.file(i.PID, "status")
	if err != nil {
		return err
	}
	if uids := ids(data, "\nUid:"); uids != nil {
		set(r, "uids", &i.UIDs, func() *IDs { return uids })
		set(r, "username", &i.User, func() *string { return ptr(r.user(uids.Real)) })
	}
	set(r, "gids", &i.GIDs, func() *IDs { return ids(data, "\nGid:") })
	set(r, "ctx_voluntary", &i.Voluntary, func() *uint64 { return counter(data, "\nvoluntary_ctxt_switches:") })
	set(r, "ctx_involuntary", &i.Involuntary, func() *uint64 { return counter(data, "\nnonvoluntary_ctxt_switches:") })
	if !r.inline {
		return nil
	}
	size, resident := counter(data, "\nVmSize:"), counter(data, "\nVmRSS:")
	if size == nil || resident == nil { // a thread of the kernel, or a zombie
		return r.fromStatm(i)
	}
	r.memoryOf(i, *size<<10, *resident<<10)
	return nil
}

// memoryOf fills in what follows from the two.
func (r *reader) memoryOf(i *Info, size, resident uint64) {
	set(r, "vms", &i.VMS, func() *uint64 { return &size })
	set(r, "rss", &i.RSS, func() *uint64 { return &resident })
	set(r, "memory_percent", &i.MemPercent, func() *float64 {
		if r.memory == 0 {
			return nil
		}
		return ptr(float64(resident) / float64(r.memory) * 100)
	})
}

// value finds the rest of the line that key begins.
func value(data []byte, key string) ([]byte, bool) {
	at := bytes.Index(data, []byte(key))
	if at < 0 {
		return nil, false
	}
	line, _, _ := bytes.Cut(data[at+len(key):], []byte("\n"))
	return line, true
}

func ids(data []byte, key string) *IDs {
	line, _ := value(data, key)
	words := strings.Fields(string(line))
	if len(words) < 3 {
		return nil
	}
	return &IDs{int(unsigned(words[0])), int(unsigned(words[1])), int(unsigned(words[2]))}
}

func counter(data []byte, key string) *uint64 {
	line, ok := value(data, key)
	if !ok {
		return nil
	}
	line, _, _ = bytes.Cut(bytes.TrimSpace(line), []byte(" ")) // a unit may follow
	return ptr(unsigned(string(line)))
}

func (r *reader) fromStatm(i *Info) error {
	data, err := r.file(i.PID, "statm")
	if err != nil {
		return err
	}
	words := bytes.Fields(data)
	if len(words) < 6 {
		return nil
	}
	// The memory of stat is not exact, since each processor keeps a part of the
	// sum to itself.
	pages := func(at int) *uint64 { return ptr(stat{words: words}.at(at) * pageSize) }
	r.memoryOf(i, *pages(0), *pages(1))
	set(r, "shared", &i.Shared, func() *uint64 { return pages(2) })
	set(r, "text", &i.Text, func() *uint64 { return pages(3) })
	set(r, "data", &i.Data, func() *uint64 { return pages(5) })
	return nil
}

func (r *reader) fromCmdline(i *Info) error {
	data, err := r.file(i.PID, "cmdline")
	if err == nil || r.s.host != "" { // grep prints nothing of an empty file
		i.Cmdline = ptr(parseCmdline(data))
	}
	return err
}

func (r *reader) fromIO(i *Info) error {
	data, err := r.file(i.PID, "io")
	if err != nil {
		return err
	}
	data = append([]byte("\n"), data...)
	for _, f := range []struct {
		name, key string
		field     **uint64
	}{
		{"read_count", "\nsyscr:", &i.ReadCount}, {"write_count", "\nsyscw:", &i.WriteCount}, {"read_bytes", "\nread_bytes:", &i.ReadBytes},
		{"write_bytes", "\nwrite_bytes:", &i.WriteBytes}, {"read_chars", "\nrchar:", &i.ReadChars}, {"write_chars", "\nwchar:", &i.WriteChars},
	} {
		set(r, f.name, f.field, func() *uint64 { return counter(data, f.key) })
	}
	return nil
}

// fromExe reads the path of the program. A thread of the kernel has none, and
// a path that ends in (deleted) is of a file that was replaced or removed.
func (r *reader) fromExe(i *Info) error {
	target, err := r.s.files.link(r.path(i.PID, "exe"))
	switch {
	case err == nil:
		i.Exe = ptr(undeleted(target))
	case r.s.host == "" && gone(err) && r.alive(i.PID): // links of hosts are not captured
		i.Exe = ptr("")
	}
	return err
}

func (r *reader) fromCwd(i *Info) error {
	target, err := r.s.files.link(r.path(i.PID, "cwd"))
	if err == nil {
		i.Cwd = ptr(undeleted(target))
	}
	return err
}

func undeleted(target string) string {
	target, _, _ = strings.Cut(target, "\x00")
	if short, ok := strings.CutSuffix(target, " (deleted)"); ok {
		if _, err := os.Lstat(target); err != nil {
			return short
		}
	}
	return target
}

func (r *reader) fromEnviron(i *Info) error {
	data, err := r.file(i.PID, "environ")
	if err == nil {
		i.Environ = ptr(parseEnviron(data))
	}
	return err
}

func (r *reader) fromFDs(i *Info) error {
	names, err := r.s.files.list(r.path(i.PID, "fd"))
	if err == nil {
		i.FDs = ptr(len(names))
	}
	return err
}

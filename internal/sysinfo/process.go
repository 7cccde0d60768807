package sysinfo

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Info is what is known of a process. Only the fields that were asked for are
// filled in, and of those only what may be read.
type Info struct {
	PID         int                `lua:"pid" doc:"Its number."`
	PPID        *int               `lua:"ppid" doc:"Number of its parent."`
	Name        *string            `lua:"name" doc:"Its name: that of the program, unless it gave itself another."`
	Status      *string            `lua:"status" doc:"running, sleeping, disk-sleep, stopped, tracing-stop, zombie, dead, idle, ..."`
	Created     *float64           `lua:"create_time" doc:"When it was started, in Unix seconds."`
	User        *string            `lua:"username" doc:"User that it runs as: the real one; a number when it has no name."`
	UIDs        *IDs               `lua:"uids" doc:"Numbers of its users: real, effective, saved."`
	GIDs        *IDs               `lua:"gids" doc:"Numbers of its groups: real, effective, saved."`
	Cmdline     *[]string          `lua:"cmdline" doc:"The program and its arguments; empty for threads of the kernel and zombies."`
	Exe         *string            `lua:"exe" doc:"Path of its program; empty for threads of the kernel."`
	Cwd         *string            `lua:"cwd" doc:"Its working folder."`
	Environ     *map[string]string `lua:"environ" doc:"Environment it was started with."`
	Terminal    *string            `lua:"terminal" doc:"Its terminal, e.g. /dev/pts/0; missing when it has none."`
	Nice        *int               `lua:"nice" doc:"Priority from -20, the highest, to 19."`
	Threads     *int               `lua:"num_threads" doc:"How many threads it has."`
	FDs         *int               `lua:"num_fds" doc:"How many files it has open."`
	RSS         *uint64            `lua:"rss" doc:"Memory in use in bytes, that shared with others included."`
	VMS         *uint64            `lua:"vms" doc:"Address space in bytes."`
	Shared      *uint64            `lua:"shared" doc:"Part of rss that may be shared."`
	Text        *uint64            `lua:"text" doc:"Program code in bytes."`
	Data        *uint64            `lua:"data" doc:"Data and stack in bytes."`
	MemPercent  *float64           `lua:"memory_percent" doc:"rss of the machine's memory, 0 to 100."`
	USS         *uint64            `lua:"uss" doc:"Memory that its end would free, in bytes."`
	PSS         *uint64            `lua:"pss" doc:"Memory, with what is shared divided among those who share it."`
	SwapUsed    *uint64            `lua:"swap" doc:"Memory that is swapped out, in bytes."`
	CPUUser     *float64           `lua:"cpu_user" doc:"Seconds of processor time in the program."`
	CPUSystem   *float64           `lua:"cpu_system" doc:"Seconds of processor time in the kernel."`
	ChildUser   *float64           `lua:"children_user" doc:"Seconds of processor time of its ended children in programs."`
	ChildSystem *float64           `lua:"children_system" doc:"Seconds of processor time of its ended children in the kernel."`
	IOWait      *float64           `lua:"iowait" doc:"Seconds it waited for disks."`
	CPU         *int               `lua:"cpu_num" doc:"Processor it ran on last, from 0."`
	MinorFaults *uint64            `lua:"minor_faults" doc:"Page faults without reading from disk."`
	MajorFaults *uint64            `lua:"major_faults" doc:"Page faults with reading from disk."`
	Voluntary   *uint64            `lua:"ctx_voluntary" doc:"Times it gave the processor up."`
	Involuntary *uint64            `lua:"ctx_involuntary" doc:"Times the processor was taken from it."`
	ReadCount   *uint64            `lua:"read_count" doc:"Calls that read."`
	WriteCount  *uint64            `lua:"write_count" doc:"Calls that write."`
	ReadBytes   *uint64            `lua:"read_bytes" doc:"Bytes read from disks."`
	WriteBytes  *uint64            `lua:"write_bytes" doc:"Bytes written to disks."`
	ReadChars   *uint64            `lua:"read_chars" doc:"Bytes read from anything."`
	WriteChars  *uint64            `lua:"write_chars" doc:"Bytes written to anything."`
	start       uint64             // with the pid its identity
}

// IDs are the three numbers of a user or group.
type IDs struct {
	Real      int `lua:"real" doc:"Who started it."`
	Effective int `lua:"effective" doc:"Whose rights it has."`
	Saved     int `lua:"saved" doc:"Whose rights it can take again."`
}

// source is a file, link or folder of a process that fields are read from.
type source uint

const (
	fromStat source = 1 << iota
	fromStatus
	fromStatm
	fromCmdline
	fromIO
	fromExe
	fromCwd
	fromEnviron
	fromFDs
	fromSmaps
	withTotal // the machine's memory
	withUsers // names of users
	withName  // the program's whole name
)

// sources says where each field comes from.
var sources = map[string]source{
	"pid": 0, "ppid": fromStat, "name": fromStat | withName, "status": fromStat, "create_time": fromStat,
	"username": fromStatus | withUsers, "uids": fromStatus, "gids": fromStatus, "cmdline": fromCmdline, "exe": fromExe, "cwd": fromCwd,
	"environ": fromEnviron, "terminal": fromStat, "nice": fromStat, "num_threads": fromStat, "num_fds": fromFDs,
	"rss": fromStatm, "vms": fromStatm, "shared": fromStatm, "text": fromStatm, "data": fromStatm, "memory_percent": fromStatm | withTotal,
	"uss": fromSmaps, "pss": fromSmaps, "swap": fromSmaps,
	"cpu_user": fromStat, "cpu_system": fromStat, "children_user": fromStat, "children_system": fromStat, "iowait": fromStat,
	"cpu_num": fromStat, "minor_faults": fromStat, "major_faults": fromStat, "ctx_voluntary": fromStatus, "ctx_involuntary": fromStatus,
	"read_count": fromIO, "write_count": fromIO, "read_bytes": fromIO, "write_bytes": fromIO, "read_chars": fromIO, "write_chars": fromIO,
}

// Fields lists the names of the fields.
func Fields() []string {
	var names []string
	for name := range sources {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// stat is the line of /proc/PID/stat.
type stat struct {
	name  string
	words [][]byte // from the state on
}

// parseStat parts the line. The name is in brackets and may hold anything,
// brackets and line ends among it: the last bracket ends it.
func parseStat(data []byte, words [][]byte) (st stat, ok bool) {
	open, end := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if open < 0 || end < open || end+2 > len(data) {
		return st, false
	}
	st.name, st.words = string(data[open+1:end]), words[:0]
	for word := range bytes.FieldsSeq(data[end+1:]) {
		st.words = append(st.words, word)
	}
	return st, len(st.words) > 19
}

// at gives a word by its place behind the name; 0 where an old kernel has none.
func (st stat) at(i int) uint64 {
	if i >= len(st.words) {
		return 0
	}
	var n uint64
	for _, c := range st.words[i] {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + uint64(c-'0')
	}
	return n
}

func (st stat) signed(i int) int {
	n, _ := strconv.Atoi(string(st.words[i]))
	return n
}

func (st stat) seconds(i int) *float64 { return ptr(float64(st.at(i)) / ticks) }

var states = map[byte]string{
	'R': "running", 'S': "sleeping", 'D': "disk-sleep", 'T': "stopped", 't': "tracing-stop", 'Z': "zombie", 'X': "dead", 'x': "dead",
	'K': "wake-kill", 'W': "waking", 'I': "idle", 'P': "parked",
}

func stateName(letter byte) string {
	if name, ok := states[letter]; ok {
		return name
	}
	return "unknown"
}

// terminal names the terminal that a device number stands for.
func terminal(device int) *string {
	major, minor := device>>8&0xfff, device&0xff|device>>12&0xfff00
	switch {
	case major >= 136 && major <= 143:
		return ptr("/dev/pts/" + strconv.Itoa((major-136)*256+minor))
	case major == 4 && minor < 64:
		return ptr("/dev/tty" + strconv.Itoa(minor))
	case major == 4:
		return ptr("/dev/ttyS" + strconv.Itoa(minor-64))
	case major == 204 && minor >= 64 && minor < 80:
		return ptr("/dev/ttyAMA" + strconv.Itoa(minor-64))
	case major == 229:
		return ptr("/dev/hvc" + strconv.Itoa(minor))
	case major == 5 && minor == 1:
		return ptr("/dev/console")
	default:
		return nil
	}
}

// wholeName mends a name that the kernel cut off after 15 bytes, where the
// command line begins with the whole one.
func wholeName(name string, cmdline []string) string {
	if len(name) >= 15 && len(cmdline) > 0 {
		if long := path.Base(cmdline[0]); strings.HasPrefix(long, name) {
			return long
		}
	}
	return name
}

// parseCmdline parts a command line. A program that writes over its own, as
// a title, may leave blanks between the words.
func parseCmdline(data []byte) []string {
	if len(data) == 0 {
		return []string{}
	}
	text, split := string(data), " "
	if strings.HasSuffix(text, "\x00") {
		text, split = text[:len(text)-1], "\x00"
	} else {
		text = strings.TrimSuffix(text, " ")
	}
	words := strings.Split(text, split)
	if split == "\x00" && len(words) == 1 && strings.Contains(text, " ") {
		words = strings.Split(text, " ")
	}
	return words
}

// parseEnviron reads NAME=value up to the first empty entry.
func parseEnviron(data []byte) map[string]string {
	values := map[string]string{}
	for entry := range strings.SplitSeq(string(data), "\x00") {
		if entry == "" {
			break
		}
		if name, value, found := strings.Cut(entry, "="); found && name != "" {
			values[name] = value
		}
	}
	return values
}

// created is the moment that a start in ticks since boot was.
func created(booted time.Time, start uint64) float64 {
	return float64(booted.Unix()) + float64(start)/ticks
}

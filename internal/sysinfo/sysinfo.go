// Package sysinfo reads what a Linux kernel says of its machine: processors,
// memory, disks, networks, sensors, users and processes. It knows no Lua.
//
// Rules: one parser serves this machine, a captured tree in a test and a host
// over SSH; they differ only in where the files come from. What the kernel
// does not say is nil or missing, never 0. A process that ends while it is
// looked at is skipped, a field that may not be read is nil. A process is its
// pid and the moment it started: nothing is ever done to a pid that has
// passed on to another process. HOST_PROC and HOST_SYS name other roots.
// Where there is no /proc, gopsutil answers what it can.
package sysinfo

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"

	"gofab/internal/fault"
)

// ticks is USER_HZ, the unit of times in /proc: 100 on every Linux system
// that Go runs on.
const ticks = 100

// maxFile bounds what is read of one file.
const maxFile = 16 << 20

// System is a machine whose files can be read.
type System struct {
	files files
	live  bool // this machine: system calls and signals are possible
	host  string
}

// files is where a system's files come from. Paths are those of the machine:
// /proc/stat, /sys/class/net.
type files interface {
	read(path string) ([]byte, error)
	list(dir string) ([]string, error)
	link(path string) (string, error)
}

// Local is this machine. Getenv is asked for HOST_PROC and HOST_SYS.
func Local(getenv func(string) (string, bool)) (*System, error) {
	if runtime.GOOS != "linux" {
		return &System{files: foreign{runtime.GOOS}}, nil
	}
	proc, sys := "/proc", "/sys"
	if dir, ok := getenv("HOST_PROC"); ok && dir != "" {
		proc = dir
	}
	if dir, ok := getenv("HOST_SYS"); ok && dir != "" {
		sys = dir
	}
	s := At(proc, sys)
	s.live = proc == "/proc"
	return s, nil
}

// At is a machine whose /proc and /sys were put elsewhere.
func At(proc, sys string) *System { return &System{files: tree{proc: proc, sys: sys}} }

// Live says that this is the machine of this process, where system calls and
// signals reach.
func (s *System) Live() bool { return s.live }

// text reads a file without the white space around it; "" when there is none.
func (s *System) text(path string) string {
	data, err := s.files.read(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// number reads a file that holds one whole number.
func (s *System) number(path string) *int64 {
	n, err := strconv.ParseInt(s.text(path), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// need reads a file that has to be there.
func (s *System) need(path string) ([]byte, error) {
	data, err := s.files.read(path)
	if err != nil {
		e := fault.OS(err, "cannot read %s", path)
		if e.Kind == fault.Unsupported {
			e = fault.From(err)
		}
		if s.host != "" && e.Kind == fault.NotFound {
			e = fault.New(fault.Unsupported, "there is no %s", path).WithHint("system facts are read from Linux hosts")
		}
		e.Host = s.host
		return nil, e
	}
	return data, nil
}

// unsupported says that an answer takes system calls on the machine itself.
func (s *System) unsupported(what string) error {
	e := fault.New(fault.Unsupported, "%s works on this machine only", what).
		WithHint("run it on the host with h:run")
	e.Host = s.host
	return e
}

// unknown says that the kernel keeps something to itself.
func (s *System) unknown(what string) error {
	e := fault.New(fault.Unsupported, "%s is not known there", what)
	e.Host = s.host
	return e
}

// lines goes through the lines of a text, without their ends.
func lines(data []byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(data)) {
			if !yield(strings.TrimSuffix(line, "\n")) {
				return
			}
		}
	}
}

// unsigned reads a counter; what is none is 0.
func unsigned(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}

// percent is part of whole, from 0 to 100 with one decimal.
func percent(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return round(part / whole * 100)
}

// round keeps one decimal, half to even as the decimal digits are.
func round(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', 1, 64), 64)
	return y
}

func ptr[T any](v T) *T { return &v }

// ended tells whether ctx is over, as the error to return.
func ended(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

var pageSize = uint64(os.Getpagesize())

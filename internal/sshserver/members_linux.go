package sshserver

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// sessionMembers lists the processes of a session from /proc. In proc(5)'s stat
// the session is the fourth field behind the name, which is in brackets and
// may hold anything.
func sessionMembers(session int) (members []int) {
	want := strconv.Itoa(session)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, _ := os.ReadFile(path) // a process that has just ended has none
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) < 4 || string(fields[3]) != want {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			members = append(members, pid)
		}
	}
	return members
}

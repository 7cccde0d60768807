package testenv

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// killTree kills a child of ours with all its descendants. They are stopped
// first: one that still ran could start another behind our back, and a process
// that has lost its parent is no longer known as a descendant.
func killTree(root *os.Process) {
	tree := map[int]bool{}
	if root.Signal(syscall.SIGSTOP) != nil {
		return // it has ended, and its number may be another's
	}
	for grown := true; grown; {
		grown = false
		for _, pid := range descendants(root.Pid) {
			if !tree[pid] {
				_ = syscall.Kill(pid, syscall.SIGSTOP)
				tree[pid], grown = true, true
			}
		}
	}
	for pid := range tree {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = root.Kill()
}

// descendants lists the processes that a process started, and theirs. It reads
// /proc and finds nothing on a system without it.
func descendants(root int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if pid, parent, ok := readStat(path); ok {
			children[parent] = append(children[parent], pid)
		}
	}
	var all []int
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		all = append(all, children[queue[0]]...)
		queue = append(queue, children[queue[0]]...)
	}
	return all
}

// readStat gives a process and its parent from proc(5)'s stat: the parent is
// the second field behind the name, which is in brackets and may hold anything.
func readStat(path string) (pid, parent int, ok bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, false
	}
	end := bytes.LastIndexByte(data, ')')
	if end < 0 {
		return 0, 0, false
	}
	fields := bytes.Fields(data[end+1:])
	if len(fields) < 2 {
		return 0, 0, false
	}
	pid, err1 := strconv.Atoi(filepath.Base(filepath.Dir(path)))
	parent, err2 := strconv.Atoi(string(fields[1]))
	return pid, parent, err1 == nil && err2 == nil
}

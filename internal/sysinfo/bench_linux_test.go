package sysinfo

import (
	"context"
	"os/exec"
	"testing"

	"gofab/internal/testenv"
)

// listScript makes the same list with psutil, as often as it is asked.
const listScript = `
import sys, psutil
fields = sys.argv[1].split(",")
for line in sys.stdin:
    n = 0
    for _ in range(int(line)):
        n = len([p.info for p in psutil.process_iter(fields)])
    print(n, flush=True)
`

// BenchmarkProcesses lists 2,000 processes with the same fields.
func BenchmarkProcesses(b *testing.B) {
	for range 2000 {
		cmd := exec.Command("sleep", "3600")
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	for _, set := range []struct {
		name, theirs string
		ours         []string
	}{
		{"name+ppid+status", "pid,name,ppid,status", []string{"pid", "name", "ppid", "status"}},
		{"usual", "pid,ppid,name,username,status,create_time,cmdline,memory_info,memory_percent,num_threads,cpu_times",
			[]string{"pid", "ppid", "name", "username", "status", "create_time", "cmdline", "rss", "memory_percent", "num_threads", "cpu_user", "cpu_system"}},
	} {
		b.Run(set.name+"/gofab", func(b *testing.B) {
			for b.Loop() {
				list, err := here(b).Processes(context.Background(), set.ours, Filter{})
				if err != nil || len(list) < 2000 {
					b.Fatal(len(list), err)
				}
			}
		})
		b.Run(set.name+"/psutil", func(b *testing.B) {
			peer := testenv.Ask(b, testenv.Python(b, "psutil"), "-c", listScript, set.theirs)
			var n int
			b.ResetTimer()
			if peer.Ask(b.N, &n); n < 2000 {
				b.Fatal(n)
			}
		})
	}
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The start-up is measured on the binary as it is shipped: what a person waits
// for before the first line of a fabfile runs.

// BenchmarkStartUp is `gofab -e 'print(1)'`: the time of an operation is the
// wall time of the process, beside it its processor time and the binary's size.
func BenchmarkStartUp(b *testing.B) {
	dir := b.TempDir()
	binary := filepath.Join(dir, "gofab")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var used float64
	b.ResetTimer()
	for range b.N {
		run := exec.Command(binary, "-e", "print(1)")
		run.Dir = dir
		out, err := run.Output()
		if err != nil || string(out) != "1\n" {
			b.Fatalf("got %q, %v", out, err)
		}
		used += (run.ProcessState.UserTime() + run.ProcessState.SystemTime()).Seconds()
	}
	b.ReportMetric(used*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

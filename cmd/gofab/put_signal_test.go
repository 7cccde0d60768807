package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"gofab/runtime/world"
)

// An upload that is interrupted leaves neither half a file nor its temporary one.
func TestInterruptDuringPut(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "homes", "sandbox1")
	source := filepath.Join(dir, "large") // without blocks on the disk
	if err := os.WriteFile(source, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(source, 4<<30); err != nil {
		t.Fatal(err)
	}
	cmd, stderr := startGofab(t, dir, "--sandbox", "--sandbox-dir", filepath.Join(dir, "homes"),
		"-e", `host("sandbox1"):put("large", "data/large")`)
	await(t, "the upload", func() bool { return len(filesIn(filepath.Join(home, "data"))) > 0 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if left := filesIn(filepath.Join(home, "data")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func filesIn(dir string) []string {
	entries, _ := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gofab/runtime/world"
)

// A run that is interrupted leaves with 130, soon, and nothing that it started
// is left on the hosts.
func TestInterruptEndsTheRemoteCommand(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			dir := t.TempDir()
			pidFile := filepath.Join(dir, "pid")
			cmd, stderr := startGofab(t, dir, "exec", "--sandbox=1", "--",
				"echo $$ > "+pidFile+".new; mv "+pidFile+".new "+pidFile+"; exec sleep 600")
			await(t, "the command", func() bool { _, err := os.Stat(pidFile); return err == nil })
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
			pid := pidIn(t, pidFile)
			await(t, "the end of the remote command", func() bool { return syscall.Kill(pid, 0) != nil })
		})
	}
}

// The exit code that a host gave before does not hide the interruption.
func TestMaxCodeOfAnInterruptedRun(t *testing.T) {
	dir := t.TempDir()
	waiting := filepath.Join(dir, "waiting")
	cmd, stderr := startGofab(t, dir, "exec", "--sandbox=2", "--forks=1", "--max-code", "--",
		"mkdir "+filepath.Join(dir, "first")+" && exit 7; mkdir "+waiting+"; exec sleep 600")
	await(t, "the second host", func() bool { _, err := os.Stat(waiting); return err == nil })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// pidIn reads the number of a process.
func pidIn(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// startGofab starts the test binary as gofab in a folder.
func startGofab(t *testing.T, dir string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	return startGofabWith(t, dir, nil, args...)
}

// startGofabWith gives it an input as well.
func startGofabWith(t *testing.T, dir string, in *os.File, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "gofab"
	cmd.Dir, cmd.Stderr = dir, &stderr
	if in != nil {
		cmd.Stdin = in
	}
	cmd.Env = append(os.Environ(), "HOME="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, &stderr
}

// startGofabTo keeps its standard output, too, as cmd.Stdout.
func startGofabTo(t *testing.T, dir string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "gofab"
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &stderr
	cmd.Env = append(os.Environ(), "HOME="+dir, "GORACE=atexit_sleep_ms=0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, &stderr
}

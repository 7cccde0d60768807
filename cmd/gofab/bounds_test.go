package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// A host that prints without end is cut at the command's limit, and its output
// does not fill the memory.
func TestEndlessOutputIsBounded(t *testing.T) {
	server := testenv.Hostile(t, testenv.Behaviour{Stdout: strings.Repeat("0123456789abcde\n", 4096), Endless: true})
	dir := t.TempDir()
	host, port, _ := strings.Cut(server.Addr, ":")
	key := testenv.NewKey(t, "ed25519")
	config := "Host flood\n  HostName " + host + "\n  Port " + port + "\n  User nobody\n  IdentityFile " + filepath.Join(dir, "id") +
		"\n  UserKnownHostsFile " + filepath.Join(dir, "known_hosts") + "\n"
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("config", config)
	write("id", key.PEM)
	write("known_hosts", server.KnownHosts)
	write("flood.lua", `local r = host("flood"):run("yes", { hide = true, check = false, timeout = "4s" })
assert(r.timed_out and r.truncated, "the output was not cut")
assert(#r.stdout <= 2 * 2^20 + 1000, "kept " .. #r.stdout)
assert(r.stdout_bytes > 100 * 2^20, "only " .. r.stdout_bytes .. " bytes came")`)
	cmd, stderr := startGofab(t, dir, "--ssh-config", "config", "flood.lua")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss // KiB
	if used > 400<<10 {
		t.Errorf("used %d MiB of memory", used>>10)
	}
}

// The second Ctrl-C leaves at once: it does not wait until a local command that
// ignores TERM has been killed.
func TestSecondInterruptLeavesAtOnce(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	script := `proc.run([[trap "" TERM INT; echo $$ > ready.new; mv ready.new ready; while :; do sleep 1; done]])`
	cmd, stderr := startGofab(t, dir, "-e", script)
	await(t, "the command", func() bool { _, err := os.Stat(ready); return err == nil })
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	await(t, "the end", func() bool {
		select {
		case <-ended:
			return true
		default:
			_ = cmd.Process.Signal(os.Interrupt)
			return false
		}
	})
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	pid := pidIn(t, ready)
	if syscall.Kill(pid, 0) != nil {
		t.Error("gofab waited until the command was dead")
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

// Ctrl-C ends a script that waits for somebody to type.
func TestInterruptEndsARead(t *testing.T) {
	dir := t.TempDir()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd, stderr := startGofabWith(t, dir, in, "-e", `fs.write("ready", "") io.read()`)
	await(t, "the read", func() bool { _, err := os.Stat(filepath.Join(dir, "ready")); return err == nil })
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

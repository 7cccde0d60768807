package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// Ctrl-C ends a handshake that hangs.
func TestInterruptDuringConnect(t *testing.T) {
	server := testenv.Hostile(t, testenv.Behaviour{Silent: true})
	dir := t.TempDir()
	_, port, err := net.SplitHostPort(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config")
	text := fmt.Sprintf("Host web1\n  HostName 127.0.0.1\n  Port %s\n", port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, stderr := startGofab(t, dir, "exec", "--ssh-config", config, "-H", "web1", "--", "true")
	await(t, "the connection", func() bool { return server.Connections() > 0 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

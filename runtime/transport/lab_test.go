package transport

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gofab/internal/command"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/runtime/inventory"
)

// These tests go the whole way, from a configuration file to a command on a
// real sshd, and compare with ssh(1) where it has an opinion.

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testContext ends long before the test binary would be killed.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// dial reaches a name of a configuration file.
func dial(t testing.TB, config, name string, deps sshclient.Deps) (Conn, error) {
	t.Helper()
	reach := &SSH{
		Dialer: sshclient.NewDialer(deps),
		Config: sshconfig.Options{Files: []string{config}, Home: t.TempDir()},
	}
	deps.Resolve = func(ctx context.Context, name string) (*sshconfig.Settings, error) { return reach.Resolve(ctx, name) }
	reach.Dialer = sshclient.NewDialer(deps)
	conn, err := reach.Dial(testContext(t), &inventory.Host{Name: name, Transport: inventory.SSH})
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, err
}

// output runs a line over a connection.
func output(t testing.TB, conn Conn, line string) string {
	t.Helper()
	var out bytes.Buffer
	_, err := conn.Exec(testContext(t), command.Exec{Line: line, Stdout: &out})
	check(t, err)
	return out.String()
}

// systemSSH runs a line with the system's client, which asks nobody.
func systemSSH(t testing.TB, agent, config, name, line string, options ...string) (string, error) {
	t.Helper()
	args := append([]string{"-F", config, "-o", "BatchMode=yes"}, options...)
	var out bytes.Buffer
	cmd := exec.CommandContext(testContext(t), "ssh", append(args, name, line)...)
	cmd.Stdout = &out
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+agent)
	err := cmd.Run()
	return out.String(), err
}

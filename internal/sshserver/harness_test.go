package sshserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"gofab/internal/testenv"
)

// bed is a fleet and the files that OpenSSH's clients need to reach it.
type bed struct {
	*Fleet
	t      *testing.T
	config string
}

func startBed(t *testing.T, names []string, adjust ...func(*Config)) *bed {
	t.Helper()
	dir := t.TempDir()
	fleet, err := StartFleet(t.Context(), filepath.Join(dir, "hosts"), names, adjust...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fleet.Close() })
	b := &bed{Fleet: fleet, t: t, config: filepath.Join(dir, "ssh_config")}
	key, known := filepath.Join(dir, "key"), filepath.Join(dir, "known_hosts")
	var config bytes.Buffer
	for _, name := range names {
		addr, _, _ := fleet.Lookup(name)
		_, port, _ := net.SplitHostPort(addr)
		fmt.Fprintf(&config, "Host %s\n  HostName 127.0.0.1\n  Port %s\n\n", name, port)
	}
	fmt.Fprintf(&config, "Host *\n  User bob\n  IdentityFile %s\n  IdentitiesOnly yes\n  IdentityAgent none\n"+
		"  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  BatchMode yes\n  LogLevel ERROR\n", key, known)
	for path, data := range map[string][]byte{key: fleet.ClientKeyPEM(), known: fleet.KnownHosts(), b.config: config.Bytes()} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// client prepares one of OpenSSH's clients: ssh, sftp or scp.
func (b *bed) client(program string, args ...string) *exec.Cmd {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), testenv.Require(b.t, program), append([]string{"-F", b.config}, args...)...)
	return cmd
}

// ssh runs a command on a host through the system's ssh.
func (b *bed) ssh(args ...string) (stdout, stderr string, code int) {
	b.t.Helper()
	return b.run(b.client("ssh", args...))
}

func (b *bed) run(cmd *exec.Cmd) (stdout, stderr string, code int) {
	b.t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// dial logs in with the Go client.
func (b *bed) dial(name string) *ssh.Client {
	b.t.Helper()
	client, err := dialFleet(b.Fleet, name)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { client.Close() })
	return client
}

func dialFleet(f *Fleet, name string) (*ssh.Client, error) {
	addr, key, _ := f.Lookup(name)
	return ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: "bob", Auth: []ssh.AuthMethod{ssh.PublicKeys(f.ClientKey())}, HostKeyCallback: ssh.FixedHostKey(key),
	})
}

// canary is a named pipe in a host's home. Whoever has it open for writing
// keeps it from ending: it tells, without waiting and asking, when a tree of
// processes has died.
type canary struct {
	t    *testing.T
	file *os.File
}

func newCanary(t *testing.T, home string) *canary {
	t.Helper()
	path := filepath.Join(home, "canary")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return &canary{t, file}
}

// hold is shell code that keeps the canary alive in the shell and its children
// from there on and says so: sh prints "up" to it.
const hold = "exec 3>canary; echo up >&3; "

// alive waits until somebody holds the canary.
func (c *canary) alive() {
	c.t.Helper()
	c.says("up\n")
}

// says waits for a text. Without a writer a read gives EOF at once, so the
// first byte is awaited with poll(2).
func (c *canary) says(want string) {
	c.t.Helper()
	raw, err := c.file.SyscallConn()
	if err != nil {
		c.t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for fds[0].Revents&unix.POLLIN == 0 {
			if n, err := unix.Poll(fds, int(patience.Milliseconds())); n == 0 || err != nil && err != unix.EINTR {
				c.t.Fatalf("nobody said %q: %v", want, err)
			}
		}
	})
	got := make([]byte, len(want))
	_ = c.file.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(c.file, got); string(got) != want {
		c.t.Fatalf("got %q instead of %q: %v", got, want, err)
	}
}

// dies waits until nobody holds the canary any more.
func (c *canary) dies() {
	c.t.Helper()
	_ = c.file.SetReadDeadline(time.Now().Add(patience))
	if rest, err := io.ReadAll(c.file); err != nil || len(rest) > 0 {
		c.t.Fatalf("still alive: %q, %v", rest, err)
	}
}

// patience is the limit for what happens at once on a machine that is not busy.
const patience = 20 * time.Second

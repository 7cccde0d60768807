package testenv

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

func TestSSHDServesTheSystemClient(t *testing.T) {
	ssh := Require(t, "ssh")
	s := StartSSHD(t, HostKeys("ed25519", "rsa", "ecdsa"))
	out, err := exec.Command(ssh, "-F", s.ConfigFile, "testhost", "echo hello; exit 7").CombinedOutput()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 7 || string(out) != "hello\n" {
		t.Fatalf("got %q, %v", out, err)
	}
	if !strings.Contains(s.Log(), "Accepted publickey") {
		t.Errorf("log does not tell of the login:\n%s", s.Log())
	}
}

func TestSeveralSSHDs(t *testing.T) {
	ssh := Require(t, "ssh")
	all := StartSSHDs(t, 3)
	for _, host := range all.Hosts {
		out, err := exec.Command(ssh, "-F", all.ConfigFile, host.Name, "echo", host.Name).CombinedOutput()
		if err != nil || string(out) != host.Name+"\n" {
			t.Errorf("%s: got %q, %v", host.Name, out, err)
		}
	}
}

// TestStartAgain: the port stays, and the files are read again.
func TestStartAgain(t *testing.T) {
	ssh := Require(t, "ssh")
	s := StartSSHD(t)
	s.Stop()
	if err := exec.Command(ssh, "-F", s.ConfigFile, "testhost", "true").Run(); err == nil {
		t.Error("it was not stopped")
	}
	s.Start(t)
	if out, err := exec.Command(ssh, "-F", s.ConfigFile, "testhost", "true").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	s.WriteHostKey(t, "ed25519")
	s.Start(t)
	if out, err := exec.Command(ssh, "-F", s.ConfigFile, "testhost", "true").CombinedOutput(); err == nil {
		t.Errorf("the host key is the old one\n%s", out)
	}
}

// TestStopEndsConnectionsAndCommands: a connection of sshd is a process of its
// own, and so is what runs on it. All of them hold the pipe.
func TestStopEndsConnectionsAndCommands(t *testing.T) {
	program := Require(t, "ssh")
	s := StartSSHD(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	client := exec.Command(program, "-F", s.ConfigFile, "testhost", "exec 3>"+pipe+"; echo up >&3; sleep 1000; :")
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(pipe) // returns when the command has opened it
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.ReadFull(f, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	_ = f.SetReadDeadline(time.Now().Add(20 * time.Second))
	if rest, err := io.ReadAll(f); err != nil {
		t.Errorf("the command lives on: %q, %v", rest, err)
	}
	if client.Wait() == nil {
		t.Error("the client believes that the command ended well")
	}
}

func TestPasswordLogin(t *testing.T) {
	u := TempUser(t, "s3cret")
	s := StartSSHD(t, As(u.Name), Lines("PasswordAuthentication yes"))
	for _, password := range []string{"s3cret", "wrong"} {
		client, err := ssh.Dial("tcp", s.Addr, &ssh.ClientConfig{
			User: u.Name, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.FixedHostKey(s.HostKeys[0]),
		})
		if err == nil {
			client.Close()
		}
		if (err == nil) != (password == u.Password) {
			t.Errorf("password %q: %v", password, err)
		}
	}
}

func TestOptionsOverrideDefaults(t *testing.T) {
	program := Require(t, "ssh")
	s := StartSSHD(t, Name("web1"), LogLevel("DEBUG1"), NoSFTP(), Lines("ForceCommand echo forced"))
	out, err := exec.Command(program, "-F", s.ConfigFile, "web1", "anything").Output()
	if err != nil || string(out) != "forced\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if out, err := exec.Command(program, "-F", s.ConfigFile, "-s", "web1", "sftp").CombinedOutput(); err == nil {
		t.Errorf("sftp is there: %q", out)
	}
	if !strings.Contains(s.Log(), "debug1:") {
		t.Error("the log level did not change")
	}
}

func TestRequireSkips(t *testing.T) {
	t.Setenv("GOFAB_REQUIRE", "sshd,another")
	var inner *testing.T
	t.Run("missing", func(t *testing.T) {
		inner = t
		Require(t, "no-such-program")
		t.Error("the test went on")
	})
	if !inner.Skipped() {
		t.Error("the test was not skipped")
	}
}

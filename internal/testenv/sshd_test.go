package testenv

import (
	"os/exec"
	"strings"
	"testing"
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

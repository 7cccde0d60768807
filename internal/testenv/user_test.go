package testenv

import (
	"os/exec"
	"os/user"
	"strings"
	"testing"
)

func TestSudoUserLogsInAndBecomesRoot(t *testing.T) {
	ssh := Require(t, "ssh")
	for _, nopasswd := range []bool{true, false} {
		u := SudoUser(t, "s3cret", nopasswd)
		s := StartSSHD(t, As(u.Name))
		cmd := exec.Command(ssh, "-F", s.ConfigFile, "testhost", "id -un; sudo -S -p '' -k id -un")
		cmd.Stdin = strings.NewReader(u.Password + "\n")
		out, err := cmd.CombinedOutput()
		if lines := strings.Fields(string(out)); err != nil || len(lines) < 2 || lines[0] != u.Name || lines[len(lines)-1] != "root" {
			t.Errorf("nopasswd %v: got %q, %v", nopasswd, out, err)
		}
	}
}

func TestTempUserIsRemoved(t *testing.T) {
	var name string
	t.Run("made", func(t *testing.T) { name = TempUser(t, "x").Name })
	if _, err := user.Lookup(name); name != "" && err == nil {
		t.Errorf("account %s is still there", name)
	}
}

package transfer_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gofab/internal/transfer"
)

// killSource and killHome tell TestPutToBeKilled what to do, in a process of
// its own.
const (
	killSource = "GOFAB_TEST_KILL_SOURCE"
	killHome   = "GOFAB_TEST_KILL_HOME"
)

// TestPutToBeKilled is the process that TestKilled kills. It says when it
// begins and how far it is.
func TestPutToBeKilled(t *testing.T) {
	if os.Getenv(killHome) == "" {
		return // only as a process of its own
	}
	o := transfer.PutOptions{From: transfer.Local("/"), To: host(t, os.Getenv(killHome)), Source: os.Getenv(killSource), Target: "f"}
	o.Limit = 64 << 20 // so that there is time to kill it in the middle
	o.Progress = func(transfer.Progress) { _, _ = os.Stdout.WriteString(".") }
	_, err := transfer.Put(t.Context(), o)
	ok(t, err)
}

// TestKilled ends a copying process with SIGKILL at random points, 50 times: the
// file is the old one or the new one, and the sweep removes what is left.
func TestKilled(t *testing.T) {
	need(t, sftpServer, "sftp-server")
	home, local := t.TempDir(), t.TempDir()
	oldText, newText := bytes.Repeat([]byte("old"), 100_000), bytes.Repeat([]byte("new!"), 600_000)
	ok(t, os.WriteFile(filepath.Join(local, "f"), newText, 0o644))
	rng := rand.New(rand.NewPCG(1, 41))
	var wasOld, wasNew int
	for range 50 {
		ok(t, os.WriteFile(filepath.Join(home, "f"), oldText, 0o644))
		killAt(t, local, home, rng.IntN(12))
		got, err := os.ReadFile(filepath.Join(home, "f"))
		ok(t, err)
		switch {
		case bytes.Equal(got, oldText):
			wasOld++
		case bytes.Equal(got, newText):
			wasNew++
		default:
			t.Fatalf("torn: %d bytes", len(got))
		}
	}
	if wasOld == 0 || wasNew == 0 {
		t.Errorf("%d times old, %d times new: nothing was tried", wasOld, wasNew)
	}
	_, err := transfer.Sweep(t.Context(), host(t, home), ".", -time.Minute)
	ok(t, err)
	noTemps(t, home)
}

// killAt kills the process after so many blocks, or lets it come to its end.
func killAt(t *testing.T, local, home string, blocks int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestPutToBeKilled$")
	cmd.Env = append(os.Environ(), killSource+"="+filepath.Join(local, "f"), killHome+"="+home)
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	seen := make([]byte, 1)
	for n := 0; n <= blocks; n++ {
		if _, err := out.Read(seen); err != nil || seen[0] != '.' {
			break
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

//go:build linux

package transfer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// smallDisk mounts a file system of its own in memory; only root can.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, options); err != nil {
		for _, required := range strings.Split(os.Getenv("GOFAB_REQUIRE"), ",") {
			if required == "mount" {
				t.Fatal(err)
			}
		}
		t.Skipf("cannot mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk uploads over and over to a disk that is filled at random: the
// file is the old or the new one, the error has its kind, nothing stays.
func TestFullDisk(t *testing.T) {
	home := smallDisk(t, "size=4m")
	sides := hosts(t, home)
	full := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 5))
		name := []string{"sftp-server", "local"}[seed%2]
		was := bytes.Repeat([]byte("o"), rng.IntN(1<<20))
		text := strings.Repeat("n", rng.IntN(2<<20))
		ok(t, os.WriteFile(filepath.Join(home, "f"), was, 0o644))
		ok(t, os.WriteFile(filepath.Join(home, "fill"), make([]byte, rng.IntN(3<<20)), 0o644))
		_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: sides[name], Content: &text, Target: "f"})
		got, readErr := os.ReadFile(filepath.Join(home, "f"))
		ok(t, readErr)
		switch {
		case err == nil && string(got) == text:
		case fault.KindOf(err) == fault.NoSpace && bytes.Equal(got, was):
			full++
			if !strings.HasPrefix(err.Error(), "cannot write f: no space left on the device (") || !strings.HasSuffix(err.Error(), "of 4 MB free)") {
				t.Errorf("message %q", err)
			}
		default:
			t.Errorf("seed %d, %s: %v, %d bytes", seed, name, err, len(got))
		}
		noTemps(t, home)
	}
	if full < 4 || full > 36 {
		t.Errorf("full %d times of 40", full)
	}
}

func TestNoRoomIsSeenBefore(t *testing.T) {
	local, home := smallDisk(t, "size=1m"), t.TempDir()
	write(t, home, map[string]string{"t/f": string(make([]byte, 2<<20))})
	for _, source := range []string{"t", "t/f"} {
		r, err := transfer.Get(t.Context(), transfer.GetOptions{From: host(t, home), To: transfer.Local(local), Source: source, Target: "x"})
		wantKind(t, err, fault.NoSpace)
		if r.Bytes != 0 || len(read(t, local)) != 0 {
			t.Errorf("%+v, %q", r, err)
		}
	}
}

func TestNoInode(t *testing.T) {
	home := smallDisk(t, "size=4m,nr_inodes=10")
	local := t.TempDir()
	for i := range 20 {
		write(t, local, map[string]string{fmt.Sprintf("t/%02d", i): "x"})
	}
	for name, side := range hosts(t, home) {
		_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: "t"})
		if fault.KindOf(err) != fault.NoSpace || !strings.Contains(err.Error(), "no inode left on the device (10 in use)") {
			t.Errorf("%s: %v", name, err)
		}
		noTemps(t, home)
		ok(t, os.RemoveAll(filepath.Join(home, "t")))
	}
}

func TestReadOnlyDisk(t *testing.T) {
	home := smallDisk(t, "size=1m")
	write(t, home, map[string]string{"f": "old"})
	ok(t, syscall.Mount("none", home, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	text := "x"
	for name, side := range hosts(t, home) {
		for _, target := range []string{"f", "new/f"} {
			_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: side, Content: &text, Target: target})
			if fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "read-only") {
				t.Errorf("%s, %s: %v", name, target, err)
			}
		}
	}
}

// TestDenied runs the server as another user.
func TestDenied(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	setpriv, err := exec.LookPath("setpriv")
	ok(t, err)
	need(t, sftpServer, "sftp-server")
	home, err := os.MkdirTemp("/tmp", "gofab-denied-")
	ok(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	ok(t, os.Chmod(home, 0o755))
	write(t, home, map[string]string{"f": "old", "d/": ""})
	ok(t, os.Chmod(filepath.Join(home, "f"), 0o600))
	ok(t, os.Chmod(filepath.Join(home, "d"), 0o700))
	side := begin(t, program(t, home, setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups", sftpServer))
	text := "x"
	for target, want := range map[string]string{
		"f":   "cannot write f: no permission to create files in .",
		"d/g": "cannot write d/g: permission denied",
		"n/g": "cannot write n/g: cannot make the folder n: permission denied",
	} {
		_, err := transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local("/"), To: side, Content: &text, Target: target})
		if fault.KindOf(err) != fault.Denied || err.Error() != want {
			t.Errorf("%s: %q, want %q", target, err, want)
		}
	}
	_, err = transfer.Read(t.Context(), side, "f", 100)
	if fault.KindOf(err) != fault.Denied || err.Error() != "cannot read f: permission denied" {
		t.Error(err)
	}
}

package host

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// sudoHost is a real host whose login user may use sudo with a password.
func sudoHost(t *testing.T) (*Handle, testenv.User) {
	t.Helper()
	user := testenv.SudoUser(t, "pass word", false)
	return newHost(t, testenv.StartSSHD(t, testenv.As(user.Name))), user
}

func newHost(t *testing.T, sshd *testenv.SSHD) *Handle {
	t.Helper()
	stream := event.New(t.Context(), event.Options{})
	t.Cleanup(func() { _ = stream.Close(context.Background()) })
	reach := &transport.SSH{
		Dialer: sshclient.NewDialer(sshclient.Deps{}), Events: stream,
		Config: sshconfig.Options{Files: []string{sshd.ConfigFile}},
	}
	pool := transport.NewPool(reach.Dial)
	t.Cleanup(func() { _ = pool.Close() })
	services := &Services{
		Pool: pool, Events: stream, handles: map[*inventory.Host]*Handle{},
		Commands: command.Deps{BecomePassword: func(context.Context, string) (secret.Value, error) { return secret.New("pass word"), nil }},
	}
	return services.Handle(&inventory.Host{Name: sshd.Name, Transport: inventory.SSH})
}

// TestWithoutSFTP: a server that offers none says so with what to do.
func TestWithoutSFTP(t *testing.T) {
	h := newHost(t, testenv.StartSSHD(t, testenv.NoSFTP()))
	_, _, err := h.side(t.Context())
	if !noServer(err) || fault.From(err).Hint == "" {
		t.Errorf("%v, hint %q", err, fault.From(err).Hint)
	}
}

// TestTreesUnderSudo copies trees that the login user may neither read nor
// write.
func TestTreesUnderSudo(t *testing.T) {
	h, user := sudoHost(t)
	ctx := t.Context()
	as := func(s Scope) *Handle { return &Handle{Host: h.Host, services: h.services, scope: h.scope.Inside(s)} }
	root := as(Scope{Sudo: true})
	local, closed := t.TempDir(), filepath.Join(user.Home, "closed")
	if err := os.MkdirAll(filepath.Join(local, "tree/sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"tree/a": "one", "tree/sub/b": "two"} {
		if err := os.WriteFile(filepath.Join(local, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	side, release, err := root.side(ctx)
	if err != nil {
		t.Fatal(err)
	}
	o := transfer.PutOptions{From: transfer.Local(local), To: side, Source: "tree", Target: closed}
	if _, err := transfer.Put(ctx, o); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = transfer.Get(ctx, transfer.GetOptions{From: side, To: transfer.Local(local), Source: closed, Target: "back"})
	release()
	got, readErr := os.ReadFile(filepath.Join(local, "back/sub/b"))
	if err != nil || readErr != nil || string(got) != "two" {
		t.Errorf("%q, %v, %v", got, err, readErr)
	}
	if info, err := os.Stat(filepath.Join(closed, "a")); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	files, err := h.files(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := files.ReadDir(ctx, closed, 0); fault.KindOf(err) != fault.Denied {
		t.Errorf("the login user may read it: %v", err)
	}
	testSums(t, root, closed)
}

// testSums lets the host compute sums of files that only root may read.
func testSums(t *testing.T, h *Handle, dir string) {
	t.Helper()
	odd := "-odd name\\ 'x'"
	if err := os.WriteFile(filepath.Join(dir, odd), []byte("two"), fs.FileMode(0o600)); err != nil {
		t.Fatal(err)
	}
	sums, err := h.sums(t.Context(), dir, []string{"a", odd, "sub/b"})
	const one, two = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed", "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
	if err != nil || sums["a"] != one || sums[odd] != two || sums["sub/b"] != two {
		t.Errorf("%q, %v", sums, err)
	}
	on := fmt.Sprintf("%x", sha256.Sum256([]byte("on")))
	if sum, err := h.prefixSum(t.Context(), filepath.Join(dir, "a"), 2); err != nil || sum != on {
		t.Errorf("%q, %v", sum, err)
	}
	if sums, err = h.sums(t.Context(), dir, []string{"a", "missing"}); err == nil {
		t.Errorf("%q for a file that is missing", sums)
	}
}

// TestWrongSudoPassword: the reason comes through, and nothing hangs.
func TestWrongSudoPassword(t *testing.T) {
	h, _ := sudoHost(t)
	h.services.Commands.BecomePassword = func(context.Context, string) (secret.Value, error) { return secret.New("wrong"), nil }
	root := &Handle{Host: h.Host, services: h.services, scope: Scope{Sudo: true}}
	_, _, err := root.side(t.Context())
	if fault.KindOf(err) != fault.Auth && fault.KindOf(err) != fault.Denied {
		t.Errorf("%v (%s)", err, fault.KindOf(err))
	}
}

// TestSideIsCancelled ends with its context, and the server with it.
func TestSideIsCancelled(t *testing.T) {
	h, _ := sudoHost(t)
	root := &Handle{Host: h.Host, services: h.services, scope: Scope{Sudo: true}}
	ctx, cancel := context.WithCancel(t.Context())
	h.services.Commands.BecomePassword = func(ctx context.Context, _ string) (secret.Value, error) {
		cancel()
		<-ctx.Done()
		return secret.Value{}, ctx.Err()
	}
	_, _, err := root.side(ctx)
	if fault.KindOf(err) != fault.Cancelled {
		t.Errorf("%v (%s)", err, fault.KindOf(err))
	}
}

func TestReadSums(t *testing.T) {
	sum := "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
	for out, good := range map[string]bool{
		sum + "  ./a\n\\" + sum + "  ./b\\n\n": true, sum + "  ./a\n": false, "": false, "error\n" + sum + " x\n": false,
		sum + "  ./a\n" + sum + "  ./b\n" + sum + " c\n": false,
	} {
		sums, err := readSums([]byte(out), []string{"a", "b\n"})
		if (err == nil) != good || good && (sums["a"] != sum || sums["b\n"] != sum) {
			t.Errorf("%q: %q, %v", out, sums, err)
		}
	}
}

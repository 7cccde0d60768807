package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// wide logs in through a relay with a round trip, and counts the channels that
// were opened and those that are still open.
type wide struct {
	*sftpfs.FS
	opened, open atomic.Int64
}

func newWide(t *testing.T, sshd *testenv.SSHD, addr string) *wide {
	t.Helper()
	client, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: sshd.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(sshd.Key.Signer)},
		HostKeyCallback: ssh.FixedHostKey(sshd.HostKeys[0]),
	})
	ok(t, err)
	w := &wide{}
	more := func(context.Context) (io.ReadWriteCloser, error) {
		channel, err := subsystem(client)
		if err != nil {
			return nil, err
		}
		w.opened.Add(1)
		w.open.Add(1)
		return &counted{ReadWriteCloser: channel, open: &w.open}, nil
	}
	channel, err := subsystem(client)
	ok(t, err)
	w.FS, err = sftpfs.New(t.Context(), channel, sftpfs.More(more))
	ok(t, err)
	t.Cleanup(func() {
		_ = w.Close()
		_ = client.Close()
	})
	return w
}

type counted struct {
	io.ReadWriteCloser
	open *atomic.Int64
}

func (c *counted) Close() error {
	c.open.Add(-1)
	return c.ReadWriteCloser.Close()
}

func slowServer(t *testing.T, options ...testenv.Option) (*testenv.SSHD, *testenv.FaultProxy) {
	t.Helper()
	sshd := testenv.StartSSHD(t, options...)
	relay := testenv.Proxy(t, sshd.Addr)
	relay.Delay(5 * time.Millisecond)
	return sshd, relay
}

// TestManyChannels copies a large file and a tree over several channels, there
// and back; afterwards there is one channel again.
func TestManyChannels(t *testing.T) {
	sshd, relay := slowServer(t)
	side := newWide(t, sshd, relay.Addr)
	local, home := t.TempDir(), t.TempDir()
	content := make([]byte, 40<<20+12345)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(content)
	ok(t, os.WriteFile(filepath.Join(local, "large"), content, 0o640))
	for i := range 600 {
		write(t, local, map[string]string{fmt.Sprintf("tree/%d/%d", i%7, i): strings.Repeat(fmt.Sprint(i), i)})
	}
	for name := range map[string]bool{"large": true, "tree": true} {
		before := side.opened.Load()
		put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: name, Target: home + "/" + name})
		if side.opened.Load() == before {
			t.Errorf("%s: no channel was opened", name)
		}
		_, err := transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(local), Source: home + "/" + name, Target: "back-" + name})
		ok(t, err)
		eventually(t, func() bool { return side.open.Load() == 0 })
	}
	for _, at := range []string{filepath.Join(home, "large"), filepath.Join(local, "back-large")} {
		got, err := os.ReadFile(at)
		ok(t, err)
		if !bytes.Equal(got, content) {
			t.Errorf("%s differs", at)
		}
	}
	want := read(t, filepath.Join(local, "tree"))
	for _, dir := range []string{filepath.Join(home, "tree"), filepath.Join(local, "back-tree")} {
		got := read(t, dir)
		for name, content := range want {
			if got[name] != content {
				t.Errorf("%s/%s differs", dir, name)
			}
		}
	}
}

// TestRefusedChannels: a server that allows two sessions gets its file all the
// same.
func TestRefusedChannels(t *testing.T) {
	sshd, relay := slowServer(t, testenv.Lines("MaxSessions 2"))
	side := newWide(t, sshd, relay.Addr)
	local, home := t.TempDir(), t.TempDir()
	content := bytes.Repeat([]byte("0123456789abcdef"), 2<<20)
	ok(t, os.WriteFile(filepath.Join(local, "f"), content, 0o640))
	put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "f", Target: home + "/"})
	got, err := os.ReadFile(filepath.Join(home, "f"))
	ok(t, err)
	if !bytes.Equal(got, content) || side.opened.Load() > 1 {
		t.Errorf("%d bytes over %d more channels", len(got), side.opened.Load())
	}
}

// TestTreeIsCut breaks the link at random bytes of a tree that goes over
// several channels, 50 times: every file is the old one or the new one, and the
// sweep leaves no temporary file.
func TestTreeIsCut(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	local, home := t.TempDir(), t.TempDir()
	fresh := map[string]string{}
	for i := range 30 {
		fresh[fmt.Sprintf("t/%d/%d", i%3, i)] = strings.Repeat(fmt.Sprintf("new %d ", i), 1+i*i)
	}
	write(t, local, fresh)
	var cut, whole int
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 17))
		for name := range fresh {
			write(t, home, map[string]string{name: "old"})
		}
		side, err := cutTree(t, sshd, home, seed%5 == 0, rng.Int64N(90_000))
		if err == nil {
			_, err = transfer.Put(t.Context(), transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: home + "/t"})
			_ = side.Close()
		}
		if err != nil {
			cut++
		} else {
			whole++
		}
		for name, content := range read(t, home) {
			if content != "/" && content != "old" && content != fresh[name] && !strings.Contains(name, ".gofab-") {
				t.Fatalf("seed %d: %s is torn: %d bytes", seed, name, len(content))
			}
		}
	}
	if cut < 10 {
		t.Errorf("%d times cut, %d times whole: nothing was tried", cut, whole)
	}
	side := login(t, sshd, sshd.Addr)
	for i := range 3 {
		_, err := transfer.Sweep(t.Context(), side, fmt.Sprintf("%s/t/%d", home, i), -time.Minute)
		ok(t, err)
	}
	noTemps(t, home)
}

// cutTree gives a host whose link breaks: one to a real sshd, or a channel to
// its sftp-server, which is faster.
func cutTree(t *testing.T, sshd *testenv.SSHD, home string, real bool, after int64) (*sftpfs.FS, error) {
	if !real {
		channel := &cutting{ReadWriteCloser: sshChannel(t, home)}
		channel.left.Store(after)
		return sftpfs.New(t.Context(), channel)
	}
	relay := testenv.Proxy(t, sshd.Addr)
	relay.CloseAfter(testenv.Up, 3000+after)
	return tryLogin(t, sshd, relay.Addr)
}

// TestChannelThatLies: a second opening that shows another file is not used.
func TestChannelThatLies(t *testing.T) {
	home, local := t.TempDir(), t.TempDir()
	content := bytes.Repeat([]byte("abcdefghijklmnop"), 1<<20)
	ok(t, os.WriteFile(filepath.Join(home, "f"), content, 0o644))
	elsewhere := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(elsewhere, "f"), make([]byte, len(content)), 0o644))
	ok(t, os.Chtimes(filepath.Join(elsewhere, "f"), time.Unix(1e9, 0), time.Unix(1e9, 0)))
	more := func(context.Context) (io.ReadWriteCloser, error) { return sshChannel(t, elsewhere), nil }
	side, err := sftpfs.New(t.Context(), &slow{ReadWriteCloser: sshChannel(t, home)}, sftpfs.More(more))
	ok(t, err)
	defer side.Close()
	_, err = transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(local), Source: "f", Target: "copy"})
	ok(t, err)
	got, err := os.ReadFile(filepath.Join(local, "copy"))
	ok(t, err)
	if !bytes.Equal(got, content) {
		t.Error("the file of another channel was taken")
	}
}

// slow answers a little late, so that more channels are worth it.
type slow struct{ io.ReadWriteCloser }

func (s *slow) Read(p []byte) (int, error) {
	time.Sleep(5 * time.Millisecond)
	return s.ReadWriteCloser.Read(p)
}

// TestSyncIsCut: what a broken sync leaves, the next one repairs.
func TestSyncIsCut(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	local, home := t.TempDir(), t.TempDir()
	for i := range 40 {
		write(t, local, map[string]string{fmt.Sprintf("s/%d/%d", i%3, i): strings.Repeat("x", i*200)})
		write(t, home, map[string]string{fmt.Sprintf("t/%d/gone%d", i%3, i): "old"})
	}
	o := transfer.SyncOptions{From: transfer.Local(local), Source: "s", Target: home + "/t", Delete: true}
	for seed := range uint64(10) {
		relay := testenv.Proxy(t, sshd.Addr)
		relay.CloseAfter(testenv.Up, 4000+int64(seed)*12_000)
		if side, err := tryLogin(t, sshd, relay.Addr); err == nil {
			o.To = side
			if _, err = transfer.Sync(t.Context(), o); err != nil && fault.KindOf(err) != fault.Lost {
				t.Errorf("seed %d: %v", seed, err)
			}
			_ = side.Close()
		}
		relay.Close()
	}
	o.To = login(t, sshd, sshd.Addr)
	_, err := transfer.Sync(t.Context(), o)
	ok(t, err)
	for i := range 3 {
		_, err = transfer.Sweep(t.Context(), o.To, fmt.Sprintf("%s/t/%d", home, i), -time.Minute)
		ok(t, err)
	}
	want, got := snapshot(t, local+"/s"), snapshot(t, home+"/t")
	for name, what := range want {
		if got[name] != what && !strings.HasPrefix(what, "d") {
			t.Errorf("%s: %q, not %q", name, got[name], what)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d entries, not %d", len(got), len(want))
	}
}

package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// login opens the sftp subsystem of a real sshd, at its own address or that of
// a relay in front of it.
func login(tb testing.TB, sshd *testenv.SSHD, addr string) *sftpfs.FS {
	tb.Helper()
	side, err := tryLogin(tb, sshd, addr)
	ok(tb, err)
	return side
}

func tryLogin(tb testing.TB, sshd *testenv.SSHD, addr string) (*sftpfs.FS, error) {
	client, err := ssh.Dial("tcp", addr, &ssh.ClientConfig{
		User: sshd.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(sshd.Key.Signer)},
		HostKeyCallback: ssh.FixedHostKey(sshd.HostKeys[0]),
	})
	if err != nil {
		return nil, err
	}
	tb.Cleanup(func() { _ = client.Close() })
	channel, requests, err := client.OpenChannel("session", nil)
	if err != nil {
		return nil, err
	}
	go ssh.DiscardRequests(requests)
	if _, err := channel.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"})); err != nil {
		return nil, err
	}
	return sftpfs.New(tb.Context(), channel)
}

func TestOverSSH(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	local, home, back := t.TempDir(), t.TempDir(), t.TempDir()
	files := map[string]string{"t/big": string(bytes.Repeat([]byte("0123456789"), 500_000))}
	for i := range 100 {
		files[fmt.Sprintf("t/%d/%d", i%7, i)] = fmt.Sprint(i)
	}
	write(t, local, files)
	side := login(t, sshd, sshd.Addr)
	put(t, transfer.PutOptions{From: transfer.Local(local), To: side, Source: "t", Target: home + "/t"})
	_, err := transfer.Get(t.Context(), transfer.GetOptions{From: side, To: transfer.Local(back), Source: home + "/t", Target: "t"})
	ok(t, err)
	for _, dir := range []string{home, back} {
		if diff := cmp.Diff(read(t, local), read(t, dir)); diff != "" {
			t.Error(diff)
		}
	}
	// A cancelled copy leaves the channel to others and nothing behind.
	ctx, cancel := context.WithCancel(t.Context())
	_, err = transfer.Put(ctx, transfer.PutOptions{
		From: transfer.Local(local), To: side, Source: "t/big", Target: home + "/t/1/1",
		Progress: func(transfer.Progress) { cancel() },
	})
	wantKind(t, err, fault.Cancelled)
	got, err := transfer.Read(t.Context(), side, home+"/t/1/1", 100)
	if err != nil || string(got) != "1" {
		t.Errorf("%q, %v", got, err)
	}
	eventually(t, func() bool { return len(read(t, home)) == len(read(t, local)) })
}

// TestFlippedBits damages the connection at random places: a copy that is
// reported as good is good.
func TestFlippedBits(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	home := t.TempDir()
	text := string(bytes.Repeat([]byte("content "), 50_000))
	target := filepath.Join(home, "f")
	for seed := range uint64(15) {
		rng := rand.New(rand.NewPCG(seed, 8))
		ok(t, os.WriteFile(target, []byte("old"), 0o644))
		relay := testenv.Proxy(t, sshd.Addr)
		dir := []testenv.Direction{testenv.Up, testenv.Down}[seed%2]
		relay.FlipBit(dir, int64(2500+rng.IntN([]int{400_000, 2000}[seed%2])))
		var err error
		side, err := tryLogin(t, sshd, relay.Addr)
		if err == nil {
			// A flipped length makes the server wait for more than comes, which
			// only a limit or a missed sign of life ends.
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			_, err = transfer.Put(ctx, transfer.PutOptions{From: transfer.Local("/"), To: side, Content: &text, Target: target})
			cancel()
			_ = side.Close()
		}
		got, readErr := os.ReadFile(target)
		ok(t, readErr)
		if string(got) != text && (err == nil || string(got) != "old") {
			t.Errorf("seed %d: %d bytes, %v", seed, len(got), err)
		}
		relay.Close()
	}
}

// TestBlackHole: the network is gone in the middle of a copy.
func TestBlackHole(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	relay := testenv.Proxy(t, sshd.Addr)
	side := login(t, sshd, relay.Addr)
	ctx, cancel := context.WithCancel(t.Context())
	text := string(make([]byte, 8<<20))
	var once sync.Once
	_, err := transfer.Put(ctx, transfer.PutOptions{
		From: transfer.Local("/"), To: side, Content: &text, Target: t.TempDir() + "/f",
		Progress: func(transfer.Progress) {
			once.Do(func() {
				relay.BlackHole()
				time.AfterFunc(50*time.Millisecond, cancel)
			})
		},
	})
	wantKind(t, err, fault.Cancelled)
}

// TestManyAtOnce: tasks share one channel of a host.
func TestManyAtOnce(t *testing.T) {
	home := t.TempDir()
	side := host(t, home)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			text := fmt.Sprint(i % 10)
			_, err := transfer.Put(t.Context(), transfer.PutOptions{
				From: transfer.Local("/"), To: side, Content: &text, Target: fmt.Sprintf("new/%d/shared", i%2),
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := read(t, home); len(got) != 5 || len(got["new/0/shared"]) != 1 || len(got["new/1/shared"]) != 1 {
		t.Errorf("%q", got)
	}
}

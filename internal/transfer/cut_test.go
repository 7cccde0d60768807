package transfer_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/transfer"
)

// cutting is a channel that breaks after a number of bytes went out.
type cutting struct {
	io.ReadWriteCloser
	left atomic.Int64
}

func (c *cutting) Write(p []byte) (int, error) {
	left := c.left.Add(-int64(len(p)))
	if left >= 0 {
		return c.ReadWriteCloser.Write(p)
	}
	_, _ = c.ReadWriteCloser.Write(p[:max(0, len(p)+int(left))])
	_ = c.Close()
	return 0, io.ErrClosedPipe
}

// TestLinkIsCut breaks the link at random bytes, many of them at the end, where
// the file gets its name: the file is the old one or the new one.
func TestLinkIsCut(t *testing.T) {
	home := t.TempDir()
	oldText, newText := bytes.Repeat([]byte("old"), 60_000), bytes.Repeat([]byte("new!"), 70_000)
	var wasOld, wasNew int
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 3))
		ok(t, os.WriteFile(filepath.Join(home, "f"), oldText, 0o644))
		channel := &cutting{ReadWriteCloser: sshChannel(t, home)}
		channel.left.Store(int64(rng.IntN(len(newText) + 2000)))
		if rng.IntN(2) == 0 {
			channel.left.Store(int64(len(newText) + rng.IntN(1000)))
		}
		err := putText(t.Context(), channel, string(newText))
		got, readErr := os.ReadFile(filepath.Join(home, "f"))
		ok(t, readErr)
		switch {
		case bytes.Equal(got, oldText) && err != nil:
			wasOld++
		case bytes.Equal(got, newText):
			wasNew++
		default:
			t.Errorf("seed %d: %d bytes, err %v", seed, len(got), err)
		}
		if err != nil && fault.KindOf(err) != fault.Lost {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if wasOld == 0 || wasNew == 0 {
		t.Errorf("%d times old, %d times new: nothing was tried", wasOld, wasNew)
	}
	_, err := transfer.Sweep(t.Context(), host(t, home), ".", -time.Minute)
	ok(t, err)
	noTemps(t, home)
}

func putText(ctx context.Context, channel io.ReadWriteCloser, text string) error {
	side, err := sftpfs.New(ctx, channel)
	if err != nil {
		return err
	}
	defer func() { _ = side.Close() }()
	_, err = transfer.Put(ctx, transfer.PutOptions{From: transfer.Local("/"), To: side, Content: &text, Target: "f"})
	return err
}

// TestCancelled ends the context at random bytes. The old file stays, and no
// temporary one does.
func TestCancelled(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	ok(t, os.WriteFile(filepath.Join(local, "f"), make([]byte, 4<<20), 0o644))
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 4))
		ok(t, os.WriteFile(filepath.Join(home, "f"), []byte("old"), 0o644))
		side := host(t, home)
		ctx, cancel := context.WithCancel(t.Context())
		limit := rng.Int64N(4 << 20)
		_, err := transfer.Put(ctx, transfer.PutOptions{
			From: transfer.Local(local), To: side, Source: "f", Target: "f",
			Progress: func(p transfer.Progress) {
				if p.Bytes > limit {
					cancel()
				}
			},
		})
		cancel()
		if fault.KindOf(err) != fault.Cancelled {
			t.Fatalf("seed %d: %v", seed, err)
		}
		_ = side.Close() // waits for the clean-up
		if got := read(t, home); len(got) != 1 || got["f"] != "old" {
			t.Errorf("seed %d: %d files, %d bytes", seed, len(got), len(got["f"]))
		}
	}
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatal("it does not come")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestCancelledWhileTheServerIsStopped: nothing answers, not even the clean-up.
func TestCancelledWhileTheServerIsStopped(t *testing.T) {
	home := t.TempDir()
	channel := &stopping{ReadWriteCloser: sshChannel(t, home), stopped: make(chan struct{})}
	channel.after.Store(1 << 20)
	side := begin(t, channel)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-channel.stopped
		cancel()
	}()
	text := string(make([]byte, 8<<20))
	_, err := transfer.Put(ctx, transfer.PutOptions{From: transfer.Local("/"), To: side, Content: &text, Target: "f"})
	wantKind(t, err, fault.Cancelled)
	_ = side.Close()
}

// stopping is a channel whose writes get stuck after a number of bytes, as in
// a full SSH window.
type stopping struct {
	io.ReadWriteCloser
	after   atomic.Int64
	stopped chan struct{}
	once    atomic.Bool
	closed  atomic.Bool
}

func (s *stopping) Write(p []byte) (int, error) {
	if s.after.Add(-int64(len(p))) >= 0 {
		return s.ReadWriteCloser.Write(p)
	}
	if s.once.CompareAndSwap(false, true) {
		close(s.stopped)
	}
	for !s.closed.Load() {
		time.Sleep(time.Millisecond)
	}
	return 0, io.ErrClosedPipe
}

func (s *stopping) Close() error {
	s.closed.Store(true)
	return s.ReadWriteCloser.Close()
}

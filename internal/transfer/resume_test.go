package transfer_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// cutPut puts over a link that breaks after so many bytes upwards.
func cutPut(t *testing.T, sshd *testenv.SSHD, o transfer.PutOptions, after int64) (transfer.Result, error) {
	t.Helper()
	relay := testenv.Proxy(t, sshd.Addr)
	defer relay.Close()
	relay.CloseAfter(testenv.Up, after)
	side, err := tryLogin(t, sshd, relay.Addr)
	if err != nil {
		return transfer.Result{}, err
	}
	defer side.Close()
	o.To = side
	return transfer.Put(t.Context(), o)
}

// TestResume cuts an upload three times at random bytes. Each run goes on where
// the last one was, and the file is the new one or the old one, never a mix.
func TestResume(t *testing.T) {
	sshd := testenv.StartSSHD(t)
	local := t.TempDir()
	const size = 24 << 20
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{5}).Read(content)
	ok(t, os.WriteFile(filepath.Join(local, "f"), content, 0o640))
	for seed := range uint64(3) {
		home := t.TempDir()
		target := filepath.Join(home, "f")
		ok(t, os.WriteFile(target, []byte("old"), 0o644))
		rng := rand.New(rand.NewPCG(seed, 9))
		o := transfer.PutOptions{From: transfer.Local(local), Source: "f", Target: target}
		o.Resume = true
		for range 3 {
			if _, err := cutPut(t, sshd, o, 4<<20+rng.Int64N(4<<20)); fault.KindOf(err) != fault.Lost {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if got, _ := os.ReadFile(target); string(got) != "old" {
				t.Fatalf("seed %d: torn: %d bytes", seed, len(got))
			}
		}
		r, err := cutPut(t, sshd, o, 1<<40)
		ok(t, err)
		got, err := os.ReadFile(target)
		ok(t, err)
		if !bytes.Equal(got, content) || r.Bytes > size-4<<20 {
			t.Errorf("seed %d: %d bytes, %d copied by the last run", seed, len(got), r.Bytes)
		}
		noTemps(t, home)
	}
}

// TestResumeDamaged: what is there is compared, not trusted.
func TestResumeDamaged(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000)
	ok(t, os.WriteFile(filepath.Join(local, "f"), content, 0o640))
	damage := map[string]func(path string) error{
		"longer":   func(p string) error { return os.WriteFile(p, append(bytes.Clone(content), content...), 0o600) },
		"zeros":    func(p string) error { return os.WriteFile(p, make([]byte, 2<<20), 0o600) },
		"readable": func(p string) error { return os.Chmod(p, 0o644) },
		"a link": func(p string) error {
			ok(t, os.WriteFile(filepath.Join(home, "victim"), []byte("untouched"), 0o600))
			ok(t, os.Remove(p))
			return os.Symlink("victim", p)
		},
	}
	for name, spoil := range damage {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "f", Target: "copy"}
			o.Resume = true
			o.Progress = func(p transfer.Progress) {
				if p.Bytes > 1<<20 {
					cancel()
				}
			}
			_, err := transfer.Put(ctx, o)
			wantKind(t, err, fault.Cancelled)
			parts, _ := filepath.Glob(filepath.Join(home, ".copy.gofab-*"))
			if len(parts) != 1 {
				t.Fatalf("parts %q", parts)
			}
			ok(t, spoil(parts[0]))
			o.Progress = nil
			put(t, o)
			got := read(t, home)
			if got["copy"] != string(content) || got["victim"] != "" && got["victim"] != "untouched" {
				t.Errorf("copied %d bytes; victim %q", len(got["copy"]), got["victim"])
			}
			_ = os.Remove(parts[0])
			_ = os.Remove(filepath.Join(home, "copy"))
		})
	}
}

// TestResumeBySum asks for the sum of what is there instead of moving it, both
// ways.
func TestResumeBySum(t *testing.T) {
	content := make([]byte, 24<<20)
	_, _ = rand.NewChaCha8([32]byte{6}).Read(content)
	for _, put := range []bool{true, false} {
		local, home := t.TempDir(), t.TempDir()
		ok(t, os.WriteFile(filepath.Join(map[bool]string{true: local, false: home}[put], "f"), content, 0o640))
		side, asked := host(t, home), 0
		with := transfer.TreeOptions{Resume: true}
		with.PrefixSum = func(_ context.Context, path string, n int64) (string, error) {
			asked++
			got, err := os.ReadFile(filepath.Join(home, path))
			sum := sha256.Sum256(got[:n])
			return hex.EncodeToString(sum[:]), err
		}
		run := func(ctx context.Context, progress func(transfer.Progress)) (transfer.Result, error) {
			if put {
				return transfer.Put(ctx, transfer.PutOptions{
					From: transfer.Local(local), To: side, Source: "f", Target: "copy", TreeOptions: with, Progress: progress,
				})
			}
			return transfer.Get(ctx, transfer.GetOptions{
				From: side, To: transfer.Local(local), Source: "f", Target: "copy", TreeOptions: with, Progress: progress,
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := run(ctx, func(p transfer.Progress) {
			if p.Bytes > 16<<20 {
				cancel()
			}
		})
		wantKind(t, err, fault.Cancelled)
		r, err := run(t.Context(), nil)
		ok(t, err)
		got, err := os.ReadFile(filepath.Join(map[bool]string{false: local, true: home}[put], "copy"))
		ok(t, err)
		if !bytes.Equal(got, content) || asked == 0 || r.Bytes > 16<<20 {
			t.Errorf("put %v: %d bytes, asked %d times, %d copied", put, len(got), asked, r.Bytes)
		}
	}
}

// TestChecksum finds a host whose file is not what was sent.
func TestChecksum(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	write(t, local, map[string]string{"s/a": "1", "s/b/c": strings.Repeat("x", 300_000)})
	for name, sums := range map[string]transfer.Comparer{"read back": nil, "failing": failingSums, "wrong": wrongSums} {
		o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "s", Target: name}
		o.Checksum, o.HostSums = "sha256", sums
		_, err := transfer.Put(t.Context(), o)
		if (fault.KindOf(err) == fault.Protocol) != (name == "wrong") || name != "wrong" && err != nil {
			t.Errorf("put, %s: %v", name, err)
		}
		g := transfer.GetOptions{From: host(t, home), To: transfer.Local(t.TempDir()), Source: name, Target: "s"}
		g.Checksum, g.HostSums = "sha256", sums
		_, err = transfer.Get(t.Context(), g)
		if (fault.KindOf(err) == fault.Protocol) != (name == "wrong") || name != "wrong" && err != nil {
			t.Errorf("get, %s: %v", name, err)
		}
	}
	text := "content"
	o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Content: &text, Target: "text"}
	o.Checksum = "sha256"
	put(t, o)
}

// TestLimit: a copy that would take a minute at its limit has moved little when
// it is stopped, and a limit that is high enough changes nothing.
func TestLimit(t *testing.T) {
	local, home := t.TempDir(), t.TempDir()
	ok(t, os.WriteFile(filepath.Join(local, "f"), make([]byte, 8<<20), 0o640))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	o := transfer.PutOptions{From: transfer.Local(local), To: host(t, home), Source: "f", Target: "copy"}
	o.Limit = 100 << 10
	r, err := transfer.Put(ctx, o)
	wantKind(t, err, fault.Timeout)
	if r.Bytes > 1<<20 {
		t.Errorf("%d bytes went at 100 KiB a second", r.Bytes)
	}
	o.Limit = 1 << 40
	if r := put(t, o); r.Bytes != 8<<20 {
		t.Errorf("%d bytes", r.Bytes)
	}
	noTemps(t, home)
}

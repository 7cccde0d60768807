package transfer_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

const largeSize = 256 << 20

// benchDir is in memory where there is such a place, to measure the copy and
// not the disk; GOFAB_BENCH_DIR names another.
func benchDir(b *testing.B) string {
	if dir := os.Getenv("GOFAB_BENCH_DIR"); dir != "" {
		dir, err := os.MkdirTemp(dir, "gofab-bench-")
		ok(b, err)
		b.Cleanup(func() { _ = os.RemoveAll(dir) })
		return dir
	}
	if info, err := os.Stat("/dev/shm"); err != nil || !info.IsDir() {
		return b.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "gofab-bench-")
	ok(b, err)
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func large(b *testing.B, dir string) {
	content := bytes.Repeat([]byte("0123456789abcdef"), largeSize/16)
	ok(b, os.WriteFile(filepath.Join(dir, "large"), content, 0o644))
	b.SetBytes(largeSize)
}

func BenchmarkPutLarge(b *testing.B) {
	from, to := benchDir(b), benchDir(b)
	large(b, from)
	side := host(b, to)
	for b.Loop() {
		put(b, transfer.PutOptions{From: transfer.Local(from), To: side, Source: "large", Target: "copy"})
	}
}

func BenchmarkGetLarge(b *testing.B) {
	from, to := benchDir(b), benchDir(b)
	large(b, from)
	side := host(b, from)
	for b.Loop() {
		_, err := transfer.Get(b.Context(), transfer.GetOptions{From: side, To: transfer.Local(to), Source: "large", Target: "copy"})
		ok(b, err)
	}
}

const manySmall = 2000

func small(b *testing.B, dir string) {
	files := map[string]string{}
	for i := range manySmall {
		files[fmt.Sprintf("tree/%02d/file%04d", i%40, i)] = string(bytes.Repeat([]byte{byte(i)}, 4096))
	}
	write(b, dir, files)
}

func BenchmarkPutSmall(b *testing.B) {
	from, to := benchDir(b), benchDir(b)
	small(b, from)
	side := host(b, to)
	i := 0
	for b.Loop() {
		i++
		put(b, transfer.PutOptions{From: transfer.Local(from), To: side, Source: "tree", Target: fmt.Sprintf("copy%d", i)})
	}
	b.ReportMetric(manySmall*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

func BenchmarkGetSmall(b *testing.B) {
	from, to := benchDir(b), benchDir(b)
	small(b, from)
	side := host(b, from)
	i := 0
	for b.Loop() {
		i++
		_, err := transfer.Get(b.Context(), transfer.GetOptions{From: side, To: transfer.Local(to), Source: "tree", Target: fmt.Sprintf("copy%d", i)})
		ok(b, err)
	}
	b.ReportMetric(manySmall*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

// BenchmarkLatency copies through a real sshd and 20 ms of round trip.
func BenchmarkLatency(b *testing.B) {
	sshd := testenv.StartSSHD(b)
	relay := testenv.Proxy(b, sshd.Addr)
	relay.Delay(10 * time.Millisecond)
	from, to := benchDir(b), benchDir(b)
	small(b, from)
	ok(b, os.WriteFile(filepath.Join(from, "middle"), make([]byte, 64<<20), 0o644))
	side := login(b, sshd, relay.Addr)
	i := 0
	b.Run("put 64 MiB", func(b *testing.B) {
		b.SetBytes(64 << 20)
		for b.Loop() {
			put(b, transfer.PutOptions{From: transfer.Local(from), To: side, Source: "middle", Target: to + "/"})
		}
	})
	b.Run("get 64 MiB", func(b *testing.B) {
		b.SetBytes(64 << 20)
		for b.Loop() {
			_, err := transfer.Get(b.Context(), transfer.GetOptions{From: side, To: transfer.Local(to), Source: from + "/middle", Target: "back"})
			ok(b, err)
		}
	})
	b.Run("put 2000 files", func(b *testing.B) {
		for b.Loop() {
			i++
			put(b, transfer.PutOptions{From: transfer.Local(from), To: side, Source: "tree", Target: fmt.Sprintf("%s/c%d", to, i)})
		}
	})
	b.Run("get 2000 files", func(b *testing.B) {
		for b.Loop() {
			i++
			_, err := transfer.Get(b.Context(), transfer.GetOptions{From: side, To: transfer.Local(to), Source: from + "/tree", Target: fmt.Sprintf("c%d", i)})
			ok(b, err)
		}
	})
}

package sshserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func hostNames(n int) (names []string) {
	for i := range n {
		names = append(names, "web"+strconv.Itoa(i+1))
	}
	return names
}

// answerWithName makes a simulated host: it answers with its name and a status.
func answerWithName(c *Config) {
	name := c.Name
	c.Exec = func(_ context.Context, command string, ch Stream) int {
		fmt.Fprintf(ch, "%s ran %s\n", name, command)
		return 3
	}
}

func TestFleetOfSimulatedHosts(t *testing.T) {
	testenv.Goroutines(t)
	names := hostNames(50)
	b := startBed(t, names, answerWithName)
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			client, err := dialFleet(b.Fleet, name)
			if err != nil {
				t.Error(err)
				return
			}
			defer client.Close()
			session, err := client.NewSession()
			if err != nil {
				t.Error(err)
				return
			}
			out, err := session.Output("uptime")
			if exit, ok := err.(*ssh.ExitError); !ok || exit.ExitStatus() != 3 || string(out) != name+" ran uptime\n" {
				t.Errorf("%s: %q, %v", name, out, err)
			}
		})
	}
	wg.Wait()
}

func TestFates(t *testing.T) {
	for _, c := range []struct {
		name string
		exec func(context.Context, string, Stream) int
		want string
	}{
		{"dies without status", func(context.Context, string, Stream) int { return -1 }, "exited without exit status"},
		{"echo", func(_ context.Context, _ string, ch Stream) int { _, _ = io.Copy(ch, ch); return 0 }, ""},
		{"waits for its end", func(ctx context.Context, _ string, _ Stream) int { <-ctx.Done(); return 9 }, "status 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			testenv.Goroutines(t)
			b := startBed(t, []string{"web1"}, func(config *Config) { config.Exec = c.exec })
			session, err := b.dial("web1").NewSession()
			if err != nil {
				t.Fatal(err)
			}
			session.Stdin = strings.NewReader("in")
			var out bytes.Buffer
			session.Stdout = &out
			if err := session.Start("x"); err != nil {
				t.Fatal(err)
			}
			if c.name == "waits for its end" {
				_ = session.Signal(ssh.SIGTERM)
			}
			err = session.Wait()
			if c.want == "" && (err != nil || out.String() != "in") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v and %q, want %q", err, out.String(), c.want)
			}
		})
	}
}

func TestFleetKeepsAndRemovesFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hosts")
	fleet, err := StartFleet(t.Context(), dir, []string{"web1"})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "web1")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("home: %v, %v", info, err)
	}
	if err := fleet.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "web1")); err != nil {
		t.Errorf("Close removed files: %v", err)
	}
	if err := fleet.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("Remove left files: %v", err)
	}
}

func TestFleetRefusesNames(t *testing.T) {
	testenv.Goroutines(t)
	for _, names := range [][]string{{""}, {"."}, {".."}, {"a/b"}, {"ok", "../x"}, {"web1", "web1"}} {
		fleet, err := StartFleet(t.Context(), t.TempDir(), names)
		if fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v, %v", names, fleet, err)
		}
	}
}

func TestFleetEndsWithItsContext(t *testing.T) {
	testenv.Goroutines(t)
	ctx, cancel := context.WithCancel(t.Context())
	fleet, err := StartFleet(ctx, t.TempDir(), hostNames(3))
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	client, err := dialFleet(fleet, "web2")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := client.Wait(); err == nil {
		t.Error("the connection ended without an error")
	}
	if _, _, ok := fleet.Lookup("web4"); ok {
		t.Error("a host that nobody asked for is there")
	}
}

// BenchmarkLogin is one connection with one simulated command, over hosts that
// run all at once.
func BenchmarkLogin(b *testing.B) {
	fleet, err := StartFleet(b.Context(), b.TempDir(), hostNames(20), answerWithName)
	if err != nil {
		b.Fatal(err)
	}
	defer fleet.Close()
	for i := 0; b.Loop(); i++ {
		client, err := dialFleet(fleet, fleet.Names()[i%20])
		if err != nil {
			b.Fatal(err)
		}
		session, err := client.NewSession()
		if err != nil {
			b.Fatal(err)
		}
		_, _ = session.Output("x")
		client.Close()
	}
}

// BenchmarkFleet starts and stops a thousand hosts and tells the memory of one
// that nobody uses.
func BenchmarkFleet(b *testing.B) {
	for b.Loop() {
		before := heap()
		fleet, err := StartFleet(b.Context(), b.TempDir(), hostNames(1000))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/1000, "B/host")
		fleet.Close()
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkExec is one real command on an open connection.
func BenchmarkExec(b *testing.B) {
	fleet, err := StartFleet(b.Context(), b.TempDir(), []string{"web1"})
	if err != nil {
		b.Fatal(err)
	}
	defer fleet.Close()
	client, err := dialFleet(fleet, "web1")
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	for b.Loop() {
		session, err := client.NewSession()
		if err != nil {
			b.Fatal(err)
		}
		if err := session.Run("true"); err != nil {
			b.Fatal(err)
		}
	}
}

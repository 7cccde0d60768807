package sshclient

import (
	"context"
	"io"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/sshserver"
	"gofab/internal/testenv"
)

// instant is a host whose commands cost nothing.
func instant(c *sshserver.Config) {
	c.Exec = func(_ context.Context, _ string, ch sshserver.Stream) int {
		io.WriteString(ch, "ok\n")
		return 0
	}
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reportCPU adds the CPU time of client and server together to a benchmark.
func reportCPU(b *testing.B) func() {
	began := cpuTime()
	return func() { b.ReportMetric(float64((cpuTime()-began).Microseconds())/float64(b.N), "cpu-us/op") }
}

func BenchmarkDialAndRun(b *testing.B) {
	server, o := startHost(b, instant)
	b.Run("gofab", func(b *testing.B) {
		d := NewDialer(Deps{})
		defer reportCPU(b)()
		for b.Loop() {
			c, err := d.dial(context.Background(), o)
			check(b, err)
			_, err = c.Exec(context.Background(), command.Exec{Line: "x", Stdout: io.Discard})
			check(b, err)
			c.Close()
		}
	})
	b.Run("bare", func(b *testing.B) {
		d := NewDialer(Deps{})
		signer := d.keys.get(o.identityFiles[0]).signer
		config := &ssh.ClientConfig{
			User: "deploy", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
			HostKeyCallback: ssh.FixedHostKey(server.HostKey()), HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		}
		config.KeyExchanges = ssh.SupportedAlgorithms().KeyExchanges
		defer reportCPU(b)()
		for b.Loop() {
			c, err := ssh.Dial("tcp", server.Addr(), config)
			check(b, err)
			s, err := c.NewSession()
			check(b, err)
			_, err = s.Output("x")
			check(b, err)
			c.Close()
		}
	})
}

func BenchmarkRun(b *testing.B) {
	_, o := startHost(b, instant)
	c := connectTo(b, o)
	b.Run("gofab", func(b *testing.B) {
		defer reportCPU(b)()
		for b.Loop() {
			_, err := c.Exec(context.Background(), command.Exec{Line: "x", Stdout: io.Discard})
			check(b, err)
		}
	})
	bare := ssh.NewClient(c.conn, nil, nil)
	b.Run("bare", func(b *testing.B) {
		defer reportCPU(b)()
		for b.Loop() {
			s, err := bare.NewSession()
			check(b, err)
			_, err = s.Output("x")
			check(b, err)
		}
	})
}

func BenchmarkOpenSSHRun(b *testing.B) {
	user := testenv.TempUser(b, "x") // whose shell reads no start-up files
	c := connectTo(b, sshdOptions(b, testenv.StartSSHD(b, testenv.As(user.Name), testenv.LogLevel("INFO"))))
	for b.Loop() {
		_, err := c.Exec(context.Background(), command.Exec{Line: "true"})
		check(b, err)
	}
}

func BenchmarkOutput(b *testing.B) {
	c := connectTo(b, sshdOptions(b, testenv.StartSSHD(b, testenv.LogLevel("INFO"))))
	const size = 256 << 20
	b.SetBytes(size)
	for b.Loop() {
		_, err := c.Exec(context.Background(), command.Exec{Line: "head -c 268435456 /dev/zero", Stdout: io.Discard})
		check(b, err)
	}
}

// BenchmarkMemory measures what an open connection holds, without its server:
// the servers run in the same process, so each connection is measured as the
// difference that a second one to an idle server makes.
func BenchmarkMemory(b *testing.B) {
	const count = 500
	_, o := startHost(b, instant)
	for b.Loop() {
		d := NewDialer(Deps{})
		before, goroutines := heapInUse(), runtime.NumGoroutine()
		clients := make([]*Client, count)
		for i := range clients {
			c, err := d.dial(context.Background(), o)
			check(b, err)
			clients[i] = c
		}
		b.ReportMetric(float64(heapInUse()-before)/count/1024, "KiB/both-ends")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/count, "goroutines/both-ends")
		for _, c := range clients {
			c.Close()
		}
	}
}

// heapInUse is heap and stacks in bytes after a collection.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

package run_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"gofab/bindings"
	"gofab/internal/sshserver"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// The fan-out benchmarks reach 500 hosts that live in a process of their own,
// so that the processor time measured here is the client's alone.

const benchHosts, benchForks = 500, 50

// benchServer is set in the process that plays the hosts.
const benchServer = "GOFAB_BENCH_SERVER"

// servers are further processes that this binary plays: the variable that says so,
// and what it does.
var servers = map[string]func(dir string){}

func TestMain(m *testing.M) {
	for name, serve := range servers {
		if dir := os.Getenv(name); dir != "" {
			serve(dir)
			return
		}
	}
	if dir := os.Getenv(benchServer); dir != "" {
		serveBench(dir)
		return
	}
	os.Exit(m.Run())
}

// target is one host of the fleet.
type target struct{ Name, Addr, Key string }

// serveBench plays the hosts until its input ends: every command answers at
// once.
func serveBench(dir string) {
	names := make([]string, benchHosts)
	for i := range names {
		names[i] = fmt.Sprintf("h%d", i+1)
	}
	private, err := os.ReadFile(filepath.Join(dir, "id"))
	must(err)
	signer, err := ssh.ParsePrivateKey(private)
	must(err)
	fleet, err := sshserver.StartFleet(context.Background(), filepath.Join(dir, "homes"), names, func(c *sshserver.Config) {
		c.Authorized = []ssh.PublicKey{signer.PublicKey()}
		c.Exec = func(_ context.Context, _ string, ch sshserver.Stream) int {
			_, _ = io.WriteString(ch, "ok\n")
			return 0
		}
	})
	must(err)
	e := json.NewEncoder(os.Stdout)
	for _, name := range names {
		addr, key, _ := fleet.Lookup(name)
		must(e.Encode(target{name, addr, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))}))
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// fleet is the hosts as the client sees them.
type fleet struct {
	dir     string
	targets []target
	signer  ssh.Signer
}

func startFleet(b testing.TB) *fleet {
	b.Helper()
	f := &fleet{dir: b.TempDir()}
	f.signer = newClientKey(filepath.Join(f.dir, "id"))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchServer+"="+f.dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(err)
	out, err := cmd.StdoutPipe()
	must(err)
	must(cmd.Start())
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	scanner := bufio.NewScanner(out)
	for len(f.targets) < benchHosts && scanner.Scan() {
		var t target
		must(json.Unmarshal(scanner.Bytes(), &t))
		f.targets = append(f.targets, t)
	}
	f.configure()
	return f
}

// newClientKey makes a key and writes it to a file.
func newClientKey(path string) ssh.Signer {
	_, raw, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	block, err := ssh.MarshalPrivateKey(raw, "")
	must(err)
	must(os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	signer, err := ssh.NewSignerFromKey(raw)
	must(err)
	return signer
}

// configure writes what an operator has: ssh_config and known_hosts.
func (f *fleet) configure() {
	var config, known strings.Builder
	for _, t := range f.targets {
		host, port, _ := strings.Cut(t.Addr, ":")
		fmt.Fprintf(&config, "Host %s\n  HostName %s\n  Port %s\n", t.Name, host, port)
		fmt.Fprintf(&known, "[%s]:%s %s\n", host, port, t.Key)
	}
	fmt.Fprintf(&config, "Host *\n  User bench\n  IdentityFile %s/id\n  IdentitiesOnly yes\n  UserKnownHostsFile %s/known_hosts\n", f.dir, f.dir)
	must(os.WriteFile(filepath.Join(f.dir, "config"), []byte(config.String()), 0o600))
	must(os.WriteFile(filepath.Join(f.dir, "known_hosts"), []byte(known.String()), 0o600))
}

func cpu() time.Duration {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// usage is what a fan-out cost.
type usage struct {
	cpu, wall time.Duration
	memory    float64 // bytes per open connection
}

func measure(work func() (open func())) usage {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu0, wall0 := cpu(), time.Now()
	closeAll := work()
	u := usage{cpu: cpu() - cpu0, wall: time.Since(wall0)}
	runtime.GC()
	runtime.ReadMemStats(&after)
	u.memory = float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse) / benchHosts
	closeAll()
	return u
}

// bare is the loop that everything is compared with: dial, run, keep open.
func (f *fleet) bare() func() {
	check, err := knownhosts.New(filepath.Join(f.dir, "known_hosts"))
	must(err)
	clients := make([]*ssh.Client, len(f.targets))
	queue := make(chan int, len(f.targets))
	for i := range f.targets {
		queue <- i
	}
	close(queue)
	var wg sync.WaitGroup
	for range benchForks {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range queue {
				client, err := ssh.Dial("tcp", f.targets[i].Addr, &ssh.ClientConfig{
					User: "bench", Auth: []ssh.AuthMethod{ssh.PublicKeys(f.signer)}, HostKeyCallback: check,
					HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
				})
				must(err)
				session, err := client.NewSession()
				must(err)
				_, err = session.Output("true")
				must(err)
				clients[i] = client
			}
		}()
	}
	wg.Wait()
	return func() {
		for _, c := range clients {
			c.Close()
		}
	}
}

// gofab does the same through a script.
func (f *fleet) gofab(script string) func() {
	w := world.Process()
	w.Out, w.Err, w.In = io.Discard, io.Discard, strings.NewReader("")
	r, err := run.Open(context.Background(), run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.Text, Verbosity: event.Quiet,
		Forks: benchForks, Remote: run.RemoteOptions{ConfigFile: filepath.Join(f.dir, "config")},
	})
	must(err)
	must(r.Evaluate(script, "bench.lua", nil))
	return r.Close
}

const oneCommand = `hosts("h[1-500]"):run("true", { hide = true })`

func BenchmarkFanOut(b *testing.B) {
	f := startFleet(b)
	f.bare()()
	f.gofab(oneCommand)()
	b.ResetTimer()
	var bare, one, four usage
	for range b.N {
		bare = add(bare, measure(f.bare))
		one = add(one, measure(func() func() { return f.gofab(oneCommand) }))
		four = add(four, measure(func() func() {
			return f.gofab(`local g = hosts("h[1-500]") for i = 1, 4 do g:run("true", { hide = true }) end`)
		}))
	}
	n := float64(b.N)
	b.ReportMetric(bare.cpu.Seconds()*1000/n/benchHosts, "bare-cpu-ms/host")
	b.ReportMetric(one.cpu.Seconds()*1000/n/benchHosts, "gofab-cpu-ms/host")
	b.ReportMetric(float64(one.cpu)/float64(bare.cpu), "cpu-ratio")
	b.ReportMetric(float64(four.wall)/float64(one.wall), "four/one-wall")
	b.ReportMetric(float64(four.cpu)/float64(one.cpu), "four/one-cpu")
	b.ReportMetric(one.memory/n/1024, "gofab-KB/conn")
	b.ReportMetric(bare.memory/n/1024, "bare-KB/conn")
}

func add(a, b usage) usage { return usage{a.cpu + b.cpu, a.wall + b.wall, a.memory + b.memory} }

// BenchmarkFanOutProfile is the gofab side alone, to be looked at with
// -cpuprofile.
func BenchmarkFanOutProfile(b *testing.B) {
	f := startFleet(b)
	b.ResetTimer()
	for range b.N {
		f.gofab(oneCommand)()
	}
}

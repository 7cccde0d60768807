//go:build linux

package run_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"gofab/internal/sshserver"
)

// street is many hosts behind one server, which answers at each address of
// 127.1.0.0/16 and lives in a process of its own.
type street struct {
	dir    string
	config string // ssh_config
	hosts  string // file of addresses, one to a line
	port   string
	gofab  string // the program, as it is shipped
}

// streetServer is set in the process that plays the hosts.
const streetServer = "GOFAB_STREET_SERVER"

func init() { servers[streetServer] = serveStreet }

func serveStreet(dir string) {
	private, err := os.ReadFile(filepath.Join(dir, "id"))
	must(err)
	signer, err := ssh.ParsePrivateKey(private)
	must(err)
	everywhere, err := net.Listen("tcp4", "0.0.0.0:0") // each address of 127.0.0.0/8 is this machine
	must(err)
	server, err := sshserver.Start(context.Background(), sshserver.Config{
		Name: "street", Root: dir, Listener: everywhere, Authorized: []ssh.PublicKey{signer.PublicKey()},
		Exec: func(_ context.Context, _ string, ch sshserver.Stream) int {
			_, _ = io.WriteString(ch, "ok\n")
			return 0
		},
	})
	must(err)
	_, port, _ := strings.Cut(server.Addr(), ":")
	fmt.Printf("%s %s", port, ssh.MarshalAuthorizedKey(server.HostKey()))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// openStreet starts a street of so many hosts.
func openStreet(b *testing.B, hosts int) *street {
	b.Helper()
	dir := b.TempDir()
	f := &street{dir: dir, config: filepath.Join(dir, "config"), hosts: filepath.Join(dir, "hosts"), gofab: filepath.Join(dir, "gofab")}
	newClientKey(filepath.Join(dir, "id"))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), streetServer+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(err)
	out, err := cmd.StdoutPipe()
	must(err)
	must(cmd.Start())
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	line := make([]byte, 1024)
	n, err := out.Read(line)
	must(err)
	port, key, _ := strings.Cut(string(line[:n]), " ")
	f.port = port
	f.write("known_hosts", fmt.Sprintf("[127.1.*]:%s %s", port, key))
	f.write("config", fmt.Sprintf("Host 127.*\n  Port %s\n  User bench\n  IdentityFile %s/id\n  IdentitiesOnly yes\n  UserKnownHostsFile %s/known_hosts\n"+
		"  StrictHostKeyChecking yes\n  LogLevel ERROR\n", port, dir, dir))
	var list strings.Builder
	for i := range hosts {
		fmt.Fprintf(&list, "127.1.%d.%d\n", i/250, 1+i%250)
	}
	f.write("hosts", list.String())
	f.configurePeers()
	build := exec.Command("go", "build", "-o", f.gofab, "gofab/cmd/gofab")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
	return f
}

// cost is what a command and all its processes took.
type cost struct {
	cpu, wall time.Duration
	memory    int64 // bytes at the peak, shared pages once
}

func (c cost) add(d cost) cost { return cost{c.cpu + d.cpu, c.wall + d.wall, max(c.memory, d.memory)} }
func (c cost) over(n int) cost {
	return cost{c.cpu / time.Duration(n), c.wall / time.Duration(n), c.memory}
}

func (c cost) report(b *testing.B, hosts int) {
	mean := c.over(b.N)
	b.ReportMetric(mean.cpu.Seconds()*1000/float64(hosts), "cpu-ms/host")
	b.ReportMetric(mean.wall.Seconds(), "wall-s")
	b.ReportMetric(float64(c.memory)/1e6, "MB")
}

// measure runs a command. What it leaves behind, such as a master of ssh, comes
// to us when it ends, is ended too and counts with it.
func (f *street) measure(b *testing.B, argv []string) cost {
	b.Helper()
	must(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	others := children(os.Getpid())
	cmd := exec.Command(argv[0], argv[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "ANSIBLE_CONFIG="+filepath.Join(f.dir, "ansible.cfg"), "HOME="+f.dir)
	began := time.Now()
	must(cmd.Start())
	peak := make(chan int64)
	over := make(chan struct{})
	go watchMemory(cmd.Process.Pid, over, peak)
	err := cmd.Wait()
	c := cost{wall: time.Since(began)}
	close(over)
	if err != nil {
		b.Fatalf("%s: %v\n%.2000s", argv[0], err, out.String())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() + endOrphans(others)
	c.memory = max(<-peak, usage.Maxrss<<10)
	return c
}

// children lists the processes that a process has started.
func children(pid int) map[int]bool {
	list := map[int]bool{}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		for _, word := range strings.Fields(string(text)) {
			n, _ := strconv.Atoi(word)
			list[n] = true
		}
	}
	return list
}

// endOrphans ends the children that are not among others.
func endOrphans(others map[int]bool) (cpu time.Duration) {
	for pid := range children(os.Getpid()) {
		if others[pid] {
			continue
		}
		_ = syscall.Kill(pid, syscall.SIGKILL)
		var usage syscall.Rusage
		if _, err := syscall.Wait4(pid, nil, 0, &usage); err == nil {
			cpu += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
	}
	return cpu
}

// watchMemory looks at a tree of processes until it is over and gives its peak.
func watchMemory(pid int, over <-chan struct{}, peak chan<- int64) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	most := int64(0)
	for {
		select {
		case <-over:
			peak <- most
			return
		case <-tick.C:
			most = max(most, treeMemory(pid))
		}
	}
}

func treeMemory(pid int) (sum int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if _, rest, ok := strings.Cut(string(text), "\nPss:"); ok {
		n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		sum = n << 10
	}
	for child := range children(pid) {
		sum += treeMemory(child)
	}
	return sum
}

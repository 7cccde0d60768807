package testenv

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// startTries bounds the search for a port: another process may take a free
// port between the moment we find it and the moment sshd asks for it.
const startTries = 20

// daemon is one sshd process, its log and its end.
type daemon struct {
	cmd    *exec.Cmd
	log    Buffer
	output *os.File
	ready  chan bool // true when it listens, false when it ended before
	exited chan struct{}
	once   sync.Once
}

// startDaemon starts sshd in the foreground; args gives its arguments for a port.
func startDaemon(t testing.TB, program string, args func(port int) []string) *daemon {
	t.Helper()
	if os.Geteuid() == 0 { // sshd's privilege separation folder, made by the init scripts elsewhere
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for range startTries {
		if d := tryDaemon(t, program, args(freePort(t))); d != nil {
			return d
		}
	}
	t.Fatalf("sshd found no free port in %d tries", startTries)
	return nil
}

// tryDaemon starts sshd once; nil means that its port is taken.
func tryDaemon(t testing.TB, program string, args []string) *daemon {
	t.Helper()
	d := &daemon{ready: make(chan bool, 1), exited: make(chan struct{})}
	if err := d.start(program, args); err != nil {
		t.Fatal(err)
	}
	if <-d.ready {
		t.Cleanup(func() { d.finish(t) })
		return d
	}
	d.stop()
	if !strings.Contains(d.log.String(), "Address already in use") {
		t.Fatalf("sshd does not start:\n%s", d.log.String())
	}
	return nil
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (d *daemon) start(program string, args []string) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer write.Close()
	d.output = read
	d.cmd = exec.Command(program, append([]string{"-D", "-e"}, args...)...)
	d.cmd.Stderr = write
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		_ = read.Close()
		return err
	}
	go d.follow()
	return nil
}

// follow keeps the log. The line that says it listens is the sign of
// readiness: unlike a connection it takes no place of MaxStartups, and it
// cannot come from another process that has the port.
func (d *daemon) follow() {
	defer close(d.exited)
	lines := bufio.NewReader(d.output)
	for {
		line, err := lines.ReadString('\n')
		_, _ = io.WriteString(&d.log, line)
		if strings.Contains(line, "Server listening on") {
			d.tell(true)
		}
		if err != nil {
			break
		}
	}
	d.tell(false)
	_ = d.cmd.Wait()
}

func (d *daemon) tell(up bool) {
	select {
	case d.ready <- up:
	default:
	}
}

// stop kills sshd and everything it started: a connection of sshd is a process
// of its own and survives the server.
func (d *daemon) stop() {
	d.once.Do(func() {
		killTree(d.cmd.Process)
		_ = d.output.Close() // whoever else holds the other end
		<-d.exited
	})
}

func (d *daemon) finish(t testing.TB) {
	d.stop()
	if t.Failed() {
		t.Logf("sshd said:\n%s", d.log.String())
	}
}

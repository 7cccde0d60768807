package sshclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/sshserver"
	"gofab/internal/termsafe"
	"gofab/internal/testenv"
)

func TestExec(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	for _, test := range []struct {
		line, stdout, stderr string
		exit                 command.Exit
	}{
		{"echo out; echo err >&2", "out\n", "err\n", command.Exit{}},
		{"exit 3", "", "", command.Exit{Code: 3}},
		{"exit 255", "", "", command.Exit{Code: 255}},
		{"kill -KILL $$", "", "", command.Exit{Code: 137, Signal: "KILL"}},
		{"cat", "", "", command.Exit{}},
	} {
		stdout, stderr, exit, err := run(t, c, test.line)
		if err != nil || stdout != test.stdout || stderr != test.stderr || exit != test.exit {
			t.Errorf("%s: got %q %q %+v %v", test.line, stdout, stderr, exit, err)
		}
	}
}

func TestExecMovesData(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	var out bytes.Buffer
	exit, err := c.Exec(testContext(t), command.Exec{Line: "cat", Stdin: bytes.NewReader(data), Stdout: &out})
	check(t, err)
	if exit.Code != 0 || !bytes.Equal(out.Bytes(), data) {
		t.Errorf("exit %+v, %d of %d bytes came back", exit, out.Len(), len(data))
	}
}

// Output that nobody wants must not stop the command.
func TestExecDrainsUnwantedOutput(t *testing.T) {
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	exit, err := c.Exec(testContext(t), command.Exec{Line: "head -c 8000000 /dev/zero | tee /dev/stderr"})
	if err != nil || exit.Code != 0 {
		t.Errorf("got %+v %v", exit, err)
	}
}

// An input that never ends does not hold a command that has ended.
func TestExecLeavesBlockedInput(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	input, writer := io.Pipe()
	defer writer.Close()
	exit, err := c.Exec(testContext(t), command.Exec{Line: "exit 4", Stdin: input})
	if err != nil || exit.Code != 4 {
		t.Errorf("got %+v %v", exit, err)
	}
}

func TestExecPTY(t *testing.T) {
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	var out bytes.Buffer
	exit, err := c.Exec(testContext(t), command.Exec{
		Line: "tty >/dev/null && stty size && echo $TERM", Stdout: &out,
		PTY: &command.PTY{Term: "vt100", Rows: 30, Cols: 99},
	})
	check(t, err)
	if got := strings.ReplaceAll(out.String(), "\r\n", "\n"); exit.Code != 0 || got != "30 99\nvt100\n" {
		t.Errorf("got %+v %q", exit, got)
	}
}

// lineWriter sends each write to a channel.
type lineWriter chan string

func (w lineWriter) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// waitPID reads the process id a command printed.
func waitPID(t *testing.T, lines lineWriter) int {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(<-lines))
	check(t, err)
	return pid
}

// waitDead waits for the end of a process on this machine.
func waitDead(t *testing.T, pid int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if syscall.Kill(pid, 0) != nil || zombie(pid) {
			return
		}
		<-tick.C
	}
	t.Errorf("process %d lives on", pid)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestCancelKillsTheCommand(t *testing.T) {
	testenv.Goroutines(t)
	for _, line := range []string{
		"echo $$; exec sleep 1000",
		"trap '' TERM; echo $$; while :; do sleep 0.1; done",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			_, o := startHost(t, nil)
			c := connectTo(t, o)
			ctx, cancel := context.WithCancel(context.Background())
			out := make(lineWriter, 100)
			p, err := c.Start(ctx, command.Exec{Line: line, Stdout: out})
			check(t, err)
			pid := waitPID(t, out)
			cancel()
			_, err = p.Wait()
			if fault.KindOf(err) != fault.Cancelled || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			waitDead(t, pid)
		})
	}
}

// Close right after a cancelled command still ends it.
func TestCloseEndsCancelledCommands(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	ctx, cancel := context.WithCancel(context.Background())
	out := make(lineWriter, 100)
	p, err := c.Start(ctx, command.Exec{Line: "trap '' TERM; echo $$; while :; do sleep 0.1; done", Stdout: out})
	check(t, err)
	pid := waitPID(t, out)
	cancel()
	p.Wait()
	c.Close()
	waitDead(t, pid)
	if fault.KindOf(c.Err()) != fault.Cancelled {
		t.Errorf("Err is %v", c.Err())
	}
}

// After Exec has returned, its writers are the caller's own again.
func TestCancelMutesWriters(t *testing.T) {
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer // the race detector is the judge
	first := make(chan struct{})
	var once sync.Once
	w := writerFunc(func(p []byte) (int, error) {
		once.Do(func() { close(first) })
		return out.Write(p)
	})
	go func() { <-first; cancel() }()
	_, err := c.Exec(ctx, command.Exec{Line: "yes", Stdout: w})
	if fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
	out.Reset()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestWriterFails(t *testing.T) {
	_, o := startHost(t, nil)
	c := connectTo(t, o)
	full := errors.New("disk full")
	_, err := c.Exec(testContext(t), command.Exec{Line: "yes | head -c 5000000", Stdout: writerFunc(func([]byte) (int, error) { return 0, full })})
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	_, err = c.Exec(testContext(t), command.Exec{Line: "echo x", Stdout: writerFunc(func([]byte) (int, error) { panic("oops") })})
	if err == nil || !strings.Contains(err.Error(), "oops") {
		t.Errorf("got %v", err)
	}
}

func TestLinkCutMidCommand(t *testing.T) {
	testenv.Goroutines(t)
	server, o := startHost(t, nil)
	proxy := testenv.Proxy(t, server.Addr())
	c := connectTo(t, through(t, o, proxy.Addr, server.HostKey()))
	out := make(lineWriter, 100)
	p, err := c.Start(testContext(t), command.Exec{Line: "echo begun; exec sleep 1000", Stdout: out})
	check(t, err)
	<-out
	proxy.Reset()
	exit, err := p.Wait()
	if fault.KindOf(err) != fault.Lost || fault.From(err).Host != "web1" {
		t.Errorf("got %+v %v", exit, err)
	}
	<-c.Done()
	if fault.KindOf(c.Err()) != fault.Lost {
		t.Errorf("Err is %v", c.Err())
	}
	if _, _, _, err := run(t, c, "true"); fault.KindOf(err) != fault.Lost {
		t.Errorf("afterwards: %v", err)
	}
}

func TestManyCommandsAtOnce(t *testing.T) {
	testenv.Goroutines(t)
	_, o := startHost(t, func(c *sshserver.Config) {
		c.Exec = func(_ context.Context, line string, ch sshserver.Stream) int {
			io.WriteString(ch, line)
			return 0
		}
	})
	c := connectTo(t, o)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			want := strconv.Itoa(i)
			if stdout, _, _, err := run(t, c, want); err != nil || stdout != want {
				t.Errorf("%s: %q %v", want, stdout, err)
			}
		})
	}
	all.Wait()
}

func FuzzParseExit(f *testing.F) {
	f.Add("exit-status", []byte{0, 0, 0, 1})
	f.Add("exit-signal", []byte("\x00\x00\x00\x04TERM\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		exit, ok := parseExit(kind, payload)
		if !ok && exit != (command.Exit{}) || termsafe.Line(exit.Signal) != exit.Signal || exit.Code < 0 {
			t.Errorf("%s %q: %+v", kind, payload, exit)
		}
	})
}

func TestParseExit(t *testing.T) {
	signal := func(name string) []byte {
		return ssh.Marshal(struct {
			Name          string
			Core          bool
			Message, Lang string
		}{name, false, "", ""})
	}
	for _, test := range []struct {
		kind    string
		payload []byte
		exit    command.Exit
		ok      bool
	}{
		{"exit-status", []byte{0, 0, 0, 7}, command.Exit{Code: 7}, true},
		{"exit-status", []byte{0xc0, 0, 0, 5}, command.Exit{Code: 0xc0000005}, true},
		{"exit-status", []byte{0, 0, 0}, command.Exit{}, false},
		{"exit-status", nil, command.Exit{}, false},
		{"exit-status", []byte{0, 0, 0, 0, 0}, command.Exit{}, false},
		{"exit-signal", signal("SEGV"), command.Exit{Code: 139, Signal: "SEGV"}, true},
		{"exit-signal", signal("INFO@example.org"), command.Exit{Code: 128, Signal: "INFO@example.org"}, true},
		{"exit-signal", signal("\x1b[2J"), command.Exit{}, false},
		{"exit-signal", []byte{0, 0, 0, 200, 'x'}, command.Exit{}, false},
		{"eow@openssh.com", nil, command.Exit{}, false},
	} {
		if exit, ok := parseExit(test.kind, test.payload); exit != test.exit || ok != test.ok {
			t.Errorf("%s %q: got %+v %v", test.kind, test.payload, exit, ok)
		}
	}
}

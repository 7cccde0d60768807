package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gofab/internal/sshserver"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/world"
)

// workplace is hosts that run real processes, outside of the run that is
// interrupted.
type workplace struct {
	dir, config string
	started     atomic.Int64 // processes that were noted
}

const (
	workHosts = 8
	workForks = 5 // some hosts have not begun when the signal comes
)

func openWorkplace(t *testing.T) *workplace {
	t.Helper()
	w := &workplace{dir: t.TempDir()}
	names := make([]string, workHosts)
	for i := range names {
		names[i] = fmt.Sprintf("web%d", i+1)
	}
	fleet, err := sshserver.StartFleet(t.Context(), filepath.Join(w.dir, "homes"), names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fleet.Close() })
	var config strings.Builder
	for _, name := range names {
		addr, _, _ := fleet.Lookup(name)
		_, port, _ := net.SplitHostPort(addr)
		fmt.Fprintf(&config, "Host %s\n  Port %s\n", name, port)
	}
	fmt.Fprintf(&config, "Host *\n  HostName 127.0.0.1\n  IdentityFile %[1]s/id\n  IdentitiesOnly yes\n  UserKnownHostsFile %[1]s/known_hosts\n", w.dir)
	w.config = filepath.Join(w.dir, "config")
	for file, text := range map[string][]byte{"id": fleet.ClientKeyPEM(), "known_hosts": fleet.KnownHosts(), "config": []byte(config.String())} {
		if err := os.WriteFile(filepath.Join(w.dir, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// workScript starts several processes on each host, again and again, which note
// their numbers before they do anything else.
const workScript = `task("t", { hosts = "web[1-%d]", default = true }, function(h)
	print("begun")
	for i = 1, 3 do h:run("echo $$ >> %[2]s; true", { hide = true }) end
	h:run("echo $$ >> %[2]s; (sh -c 'echo $$ >> %[2]s; exec sleep 600') & sh -c 'echo $$ >> %[2]s; sleep 600'; true", { hide = true })
end)`

// Signals at random times: the run ends with 130, its report has a state for
// every host, and no process is left on any of them.
func TestInterruptsAtRandomTimes(t *testing.T) {
	w := openWorkplace(t)
	seed := testenv.Seed(t)
	times := testenv.Rounds(t, 20)
	rounds := make(chan int, times)
	for i := range times {
		rounds <- i
	}
	close(rounds)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range rounds {
				w.interrupt(t, i, rand.New(rand.NewPCG(seed, uint64(i))))
			}
		})
	}
	workers.Wait()
	if n := w.started.Load(); n < int64(times/2) {
		t.Errorf("only %d processes began: nothing was interrupted", n)
	}
}

// interrupt does it once.
func (w *workplace) interrupt(t *testing.T, round int, random *rand.Rand) {
	pids := filepath.Join(w.dir, fmt.Sprintf("pids%d", round))
	script := filepath.Join(w.dir, fmt.Sprintf("round%d.lua", round))
	if err := os.WriteFile(script, fmt.Appendf(nil, workScript, workHosts, pids), 0o600); err != nil {
		t.Error(err)
		return
	}
	cmd := w.command(script)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return
	}
	report := bufio.NewReader(out)
	text := readUntil(report, `"begun`)
	if round%2 == 0 { // not before the first process
		await(t, "a process", func() bool { _, err := os.Stat(pids); return err == nil })
	}
	time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond) // the time is the point
	signal := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}[round%3]
	_ = cmd.Process.Signal(signal)
	twice := round%5 == 4
	if twice {
		_ = cmd.Process.Signal(signal)
	}
	rest, _ := io.ReadAll(report)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("round %d: exit code %d after %s", round, code, signal)
	}
	if !twice { // who insists gets no report
		checkReport(t, round, text+string(rest))
	}
	w.noneLeft(t, pids)
}

func (w *workplace) command(script string) *exec.Cmd {
	self, _ := os.Executable()
	cmd := exec.Command(self, "-o", "jsonl", "-f", fmt.Sprint(workForks), "--ssh-config", w.config, script)
	cmd.Args[0] = "gofab"
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "HOME="+w.dir, "SSH_AUTH_SOCK=", "GORACE=atexit_sleep_ms=0")
	return cmd
}

// readUntil reads lines until one has a word in it.
func readUntil(r *bufio.Reader, word string) (text string) {
	for {
		line, err := r.ReadString('\n')
		text += line
		if err != nil || strings.Contains(line, word) {
			return text
		}
	}
}

// checkReport: every host has one state, and the last event is that of the end.
func checkReport(t *testing.T, round int, text string) {
	t.Helper()
	states := map[string]int{}
	var last event.Event
	for line := range strings.Lines(text) {
		entry, err := event.Decode([]byte(line))
		if err != nil {
			t.Errorf("round %d: %v: %q", round, err, line)
			return
		}
		last = entry.Event
		if e, ok := last.(event.HostState); ok {
			states[e.Host]++
			if e.State != event.Cancelled && e.State != event.OK {
				t.Errorf("round %d: %s ended %s: %v", round, e.Host, e.State, e.Error)
			}
		}
	}
	for i := range workHosts {
		if name := fmt.Sprintf("web%d", i+1); states[name] != 1 {
			t.Errorf("round %d: %s has %d states\n%.4000s", round, name, states[name], text)
		}
	}
	if _, ok := last.(event.RunEnd); !ok {
		t.Errorf("round %d: the last event is %T", round, last)
	}
}

// noneLeft waits until all processes of a file are gone.
func (w *workplace) noneLeft(t *testing.T, file string) {
	t.Helper()
	text, _ := os.ReadFile(file)
	for word := range strings.FieldsSeq(string(text)) {
		var pid int
		if _, err := fmt.Sscan(word, &pid); err != nil {
			t.Errorf("%q is no process", word)
			return
		}
		w.started.Add(1)
		for deadline := time.Now().Add(20 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("process %d of %s is left", pid, file)
				return
			}
		}
	}
}

// Nobody reads any more what a run has to say, as behind head(1): it ends, and
// what it started with it.
func TestClosedStandardOutput(t *testing.T) {
	w := openWorkplace(t)
	pids := filepath.Join(w.dir, "pids")
	script := filepath.Join(w.dir, "closed.lua")
	text := fmt.Sprintf(`task("t", { hosts = "web[1-3]", default = true }, function(h)
	h:run("echo $$ >> %s; while :; do echo again; done")
end)`, pids)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := w.command(script)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	readUntil(bufio.NewReader(out), "again")
	_ = out.Close()
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		<-gone
		t.Error("it runs on although nobody listens")
	}
	if cmd.ProcessState.ExitCode() == 0 {
		t.Error("exit code 0 of a run that nobody saw")
	}
	w.noneLeft(t, pids)
}

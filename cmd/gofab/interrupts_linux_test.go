package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// Ctrl-C at any moment of a run over real OpenSSH servers: nothing is left on a
// host, and whatever had begun is in the report to its end. GOFAB_ROUNDS sets
// how often it is tried.
func TestInterruptAtAnyTime(t *testing.T) {
	rounds, seed := testenv.Rounds(t, 10), testenv.Seed(t)
	const hosts = 4
	sshd := testenv.StartSSHDs(t, hosts)
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(seed, 7))
	for round := range rounds {
		mark := fmt.Sprintf("600.%d%04d", os.Getpid(), round)
		script := fmt.Sprintf(`inventory{ web = { "web[1-%d]" } }
task("t", { hosts = "@web", default = true }, function(h)
  h:write("%s/{host}", "x")
  h:run("sleep %s & sleep %s; wait")
end)`, hosts, dir, mark, mark)
		if err := os.WriteFile(filepath.Join(dir, "f.lua"), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		delay := time.Duration(random.IntN(400)) * time.Millisecond
		out, code := interruptAfter(t, dir, delay, "-o", "jsonl", "--no-journal", "--ssh-config", sshd.ConfigFile, "f.lua")
		checkInterrupted(t, fmt.Sprintf("round %d, after %v", round, delay), out, code, hosts)
		await(t, "the end of all commands", func() bool { return !runsAnywhere(mark) })
	}
}

// interruptAfter runs gofab and presses Ctrl-C after a while.
func interruptAfter(t *testing.T, dir string, delay time.Duration, args ...string) (out []byte, code int) {
	t.Helper()
	cmd, stderr := startGofabTo(t, dir, args...)
	time.AfterFunc(delay, func() { _ = cmd.Process.Signal(syscall.SIGINT) })
	_ = cmd.Wait()
	if stderr.Len() > 0 {
		t.Errorf("stderr: %s", stderr)
	}
	return cmd.Stdout.(*bytes.Buffer).Bytes(), cmd.ProcessState.ExitCode()
}

// checkInterrupted looks at the report. A process that had not come to its
// signals yet has none.
func checkInterrupted(t *testing.T, when string, out []byte, code, hosts int) {
	t.Helper()
	seen := map[string]int{}
	states := map[string]string{}
	for _, line := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		var e struct{ Event, Host, State string }
		if len(line) > 0 && json.Unmarshal(line, &e) != nil {
			t.Errorf("%s: a torn line: %s", when, line)
		}
		seen[e.Event]++
		if e.Event == "host_state" {
			states[e.Host] = e.State
		}
	}
	switch {
	case seen["run_start"] == 0 && (code == -1 || code == world.ExitInterrupted):
		return
	case code != world.ExitInterrupted || seen["run_end"] != 1 || len(states) != hosts:
		t.Errorf("%s: exit code %d, %d ends of the run, states %v\n%.2000s", when, code, seen["run_end"], states, out)
	case seen["task_start"] != seen["task_end"] || seen["command_start"] != seen["command_end"]:
		t.Errorf("%s: something that began has no end: %v", when, seen)
	}
	for host, state := range states {
		if state != "cancelled" {
			t.Errorf("%s: %s is %s", when, host, state)
		}
	}
}

// runsAnywhere looks for a word among the arguments of all processes.
func runsAnywhere(word string) bool {
	lists, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, list := range lists {
		if text, _ := os.ReadFile(list); bytes.Contains(text, []byte("sleep\x00"+word)) {
			return true
		}
	}
	return false
}

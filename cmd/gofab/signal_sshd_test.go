package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// interrupted are commands as they run on real hosts when Ctrl-C comes, one on
// each. They write the numbers of their processes into FILE when they are ready.
var interrupted = []string{
	`h:run("echo $$ > FILE.new; mv FILE.new FILE; exec sleep 600")`,
	`h:run("sleep 600 & sleep 601 & echo $$ $! > FILE.new; mv FILE.new FILE; wait; true")`,
	`h:run("(echo $$ > FILE.new; mv FILE.new FILE; exec sleep 600) | cat | cat")`,
	`h:run("echo $$ > FILE.new; mv FILE.new FILE; sleep 600; true", { pty = true })`,
	`h:run("trap '' TERM; echo $$ > FILE.new; mv FILE.new FILE; while :; do sleep 0.1; done")`,
	`h:run("trap '' TERM INT; echo $$ > FILE.new; mv FILE.new FILE; while :; do sleep 0.1; done", { pty = true })`,
	`h:run("trap '' HUP INT TERM; echo $$ > FILE.new; mv FILE.new FILE; while :; do sleep 0.1; done", { pty = true })`,
	`h:run("trap '' HUP INT TERM; echo $$ > FILE.new; mv FILE.new FILE; sleep 600; sleep 601; true", { pty = true })`,
	`h:run("echo $$ > FILE.new; mv FILE.new FILE; exec yes", { hide = true })`,
	`h:run("echo $$ > FILE.new; mv FILE.new FILE; exec cat", { watch = { { "never", "x" } } })`,
}

// suInterrupted runs in a session of its own, which no hangup reaches.
const suInterrupted = `h:run("trap '' HUP INT TERM; echo $$ > FILE.new; mv FILE.new FILE; sleep 600; sleep 601; true", { pty = true, become = "su", user = "daemon" })`

// Ctrl-C over real OpenSSH servers: exit 130, and no process is left on any
// host, whoever logged in.
func TestInterruptOverOpenSSH(t *testing.T) {
	user := testenv.TempUser(t, "x")
	for login, options := range map[string][]testenv.Option{"root": nil, "user": {testenv.As(user.Name)}} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			commands := interrupted
			if login == "root" { // whom su asks nothing
				commands = append(commands[:len(commands):len(commands)], suInterrupted)
			}
			hosts := testenv.StartSSHDs(t, len(commands), options...)
			dir, shared := t.TempDir(), t.TempDir()
			for _, d := range []string{filepath.Dir(shared), shared} {
				if err := os.Chmod(d, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			script, files := interruptedScript(shared, commands)
			if err := os.WriteFile(filepath.Join(dir, "f.lua"), []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd, stderr := startGofab(t, dir, "--ssh-config", hosts.ConfigFile, "f.lua")
			for _, file := range files {
				await(t, "the command of "+file, func() bool { _, err := os.Stat(file); return err == nil })
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
			for _, file := range files {
				for _, pid := range pidsIn(t, file) {
					await(t, "the end of "+file, func() bool { return syscall.Kill(pid, 0) != nil })
				}
			}
		})
	}
}

// interruptedScript runs each command on a host of its own.
func interruptedScript(dir string, commands []string) (script string, files []string) {
	var hosts, work []string
	for i, line := range commands {
		name := "web" + strconv.Itoa(i+1)
		file := filepath.Join(dir, name)
		hosts, files = append(hosts, name), append(files, file)
		work = append(work, "function(h) "+strings.ReplaceAll(line, "FILE", file)+" end")
	}
	return fmt.Sprintf("local work = {\n%s\n}\ntask(\"t\", { hosts = %q, default = true }, function(h) work[tonumber(h.name:sub(4))](h) end)",
		strings.Join(work, ",\n"), strings.Join(hosts, ",")), files
}

// pidsIn reads the numbers of processes.
func pidsIn(t *testing.T, file string) (pids []int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

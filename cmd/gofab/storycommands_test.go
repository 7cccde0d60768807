package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gofab/internal/testenv"
)

// storyCommands is what a story can do beside exec, stdout, cmp and the like.
var storyCommands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":    exits,    // exits CODE PROGRAM ARGS...   runs it and wants this exit code
	"jsonl":    jsonl,    // every line of standard output is an object with an event's name
	"sshd":     sshd,     // sshd N                       real OpenSSH hosts web1 to webN
	"sudouser": sudoUser, // sudouser N PASSWORD          the same, logged in as a user who may sudo
	"hostile":  hostile,  // hostile NAME BEHAVIOUR       a host that misbehaves
	"refuse":   refuse,   // refuse NAME                  a host where nothing listens
	"waitfile": waitFile, // waitfile PATH                waits until a file is there
}

type testKey struct{}

func testOf(ts *testscript.TestScript) testing.TB { return ts.Value(testKey{}).(testing.TB) }

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func jsonl(ts *testscript.TestScript, neg bool, _ []string) {
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	for i, line := range lines {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			ts.Fatalf("line %d is no JSON: %v: %s", i+1, err, line)
		}
		if _, ok := event["event"].(string); !ok {
			ts.Fatalf("line %d has no event: %s", i+1, line)
		}
	}
}

func sshd(ts *testscript.TestScript, _ bool, args []string) {
	startHosts(ts, args)
}

func sudoUser(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sudouser N PASSWORD")
	}
	user := testenv.SudoUser(testOf(ts), args[1], false)
	startHosts(ts, args[:1], testenv.As(user.Name))
}

func startHosts(ts *testscript.TestScript, args []string, options ...testenv.Option) {
	if len(args) != 1 {
		ts.Fatalf("usage: sshd N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	hosts := testenv.StartSSHDs(testOf(ts), n, options...)
	configure(ts, ts.ReadFile(hosts.ConfigFile))
}

// configure puts entries in front of the user's own ssh_config.
func configure(ts *testscript.TestScript, entries string) {
	path := filepath.Join(ts.Getenv("HOME"), ".ssh", "config")
	before, _ := os.ReadFile(path)
	ts.Check(os.WriteFile(path, append([]byte(entries+"\n"), before...), 0o600))
}

// behaviours are the hosts that a story can ask for.
var behaviours = map[string]testenv.Behaviour{
	"silent":     {Silent: true},
	"nossh":      {Greeting: "220 mail ready\r\n"},
	"refuses":    {RefuseAuth: true},
	"drops":      {Stdout: "half a line", HangUp: testenv.AfterOutput},
	"hangs-up":   {HangUp: testenv.AfterKex},
	"gigabyte":   {Stdout: strings.Repeat("0123456789abcde\n", 4096), Endless: true},
	"escapes":    {Stdout: "\x1b]0;owned\x07\x1b[31mred\x1b[2J\x9b1mplain\r\n"},
	"never-ends": {End: testenv.ExitNever},
	"wrongkey":   {},
	"unknownkey": {},
}

func hostile(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: hostile NAME BEHAVIOUR")
	}
	b, ok := behaviours[args[1]]
	if !ok {
		ts.Fatalf("no behaviour %q", args[1])
	}
	t := testOf(ts)
	server := testenv.Hostile(t, b)
	known := server.KnownHosts
	switch args[1] {
	case "wrongkey":
		known = testenv.Hostile(t, testenv.Behaviour{}).KnownHosts
		_, port, _ := net.SplitHostPort(server.Addr)
		known = fmt.Sprintf("[127.0.0.1]:%s %s", port, strings.SplitN(known, " ", 2)[1])
	case "unknownkey":
		known = ""
	}
	addHost(ts, args[0], server.Addr, known)
}

func refuse(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	addHost(ts, args[0], listener.Addr().String(), "")
	ts.Check(listener.Close())
}

// addHost writes what ssh_config and known_hosts say about a host.
func addHost(ts *testscript.TestScript, name, addr, known string) {
	dir := filepath.Join(ts.Getenv("HOME"), ".ssh")
	knownHosts, keyFile := filepath.Join(dir, "known_"+name), filepath.Join(dir, "key_"+name)
	ts.Check(os.WriteFile(knownHosts, []byte(known), 0o600))
	ts.Check(os.WriteFile(keyFile, []byte(testenv.NewKey(testOf(ts), "ed25519").PEM), 0o600))
	_, port, _ := net.SplitHostPort(addr)
	configure(ts, fmt.Sprintf("Host %s\n  HostName 127.0.0.1\n  Port %s\n  User nobody\n  IdentityFile %s\n"+
		"  IdentitiesOnly yes\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n", name, port, keyFile, knownHosts))
}

func waitFile(ts *testscript.TestScript, _ bool, args []string) {
	await(testOf(ts), args[0]+" to appear", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// await waits for a condition, much longer than it can take.
func await(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ready(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}

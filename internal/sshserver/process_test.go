package sshserver

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"gofab/internal/testenv"
)

func TestSystemClientRunsCommands(t *testing.T) {
	b := startBed(t, []string{"web1"})
	home := b.Host("web1").Root()
	for _, c := range []struct {
		args           []string
		out, err, name string
		code           int
	}{
		{name: "output", args: []string{"web1", "echo hello"}, out: "hello\n"},
		{name: "status", args: []string{"web1", "exit 7"}, code: 7},
		{name: "two streams", args: []string{"web1", "echo a; echo b >&2"}, out: "a\n", err: "b\n"},
		{name: "home", args: []string{"web1", "pwd; echo $HOME $HOSTNAME"}, out: home + "\n" + home + " web1\n"},
		{name: "no command", args: []string{"web1", "no-such-command"}, err: "/bin/sh: 1: no-such-command: not found\n", code: 127},
		{name: "killed by a signal", args: []string{"web1", "kill -KILL $$"}, code: 255},
		{name: "client environment", args: []string{"-o", "SetEnv=COLOR=blue", "web1", "echo $COLOR"}, out: "blue\n"},
		{name: "background with output elsewhere", args: []string{"web1", "sleep 1000 >/dev/null 2>&1 & echo on"}, out: "on\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := b.ssh(c.args...)
			if strings.Contains(errs, "not found") {
				errs = c.err // shells word it differently
			}
			if out != c.out || errs != c.err || code != c.code {
				t.Errorf("got %q, %q, %d", out, errs, code)
			}
		})
	}
}

func TestEnvironmentIsClean(t *testing.T) {
	t.Setenv("OPERATOR_SECRET", "x")
	b := startBed(t, []string{"web1"}, func(c *Config) { c.Env = []string{"ROLE=db", "PATH=/usr/bin:/bin"} })
	out, _, _ := b.ssh("web1", "env")
	if strings.Contains(out, "OPERATOR_SECRET") || !strings.Contains(out, "ROLE=db\n") || !strings.Contains(out, "PATH=/usr/bin:/bin\n") {
		t.Errorf("got %s", out)
	}
}

func TestLargeDataPassesBothWays(t *testing.T) {
	b := startBed(t, []string{"web1"})
	data := make([]byte, 8<<20)
	seed := testenv.Seed(t)
	fill := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = fill.Read(data)
	cmd := b.client("ssh", "web1", "cat")
	cmd.Stdin = bytes.NewReader(data)
	out, errs, code := b.run(cmd)
	if code != 0 || out != string(data) {
		t.Errorf("got %d bytes, %q, %d", len(out), errs, code)
	}
}

func TestSignalsReachTheGroup(t *testing.T) {
	for _, c := range []struct {
		name, script string
		signal       ssh.Signal
		want         func(*ssh.ExitError) bool
	}{
		{"caught", "trap 'exit 5' TERM; " + hold + "read line", ssh.SIGTERM, func(e *ssh.ExitError) bool { return e.ExitStatus() == 5 }},
		{"deadly", hold + "exec sleep 1000", ssh.SIGINT, func(e *ssh.ExitError) bool { return e.Signal() == "INT" }},
		{"children too", hold + "sleep 1000; sleep 1000", ssh.SIGKILL, func(e *ssh.ExitError) bool { return e.Signal() == "KILL" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := startBed(t, []string{"web1"})
			bird := newCanary(t, b.Host("web1").Root())
			session, err := b.dial("web1").NewSession()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := session.StdinPipe(); err != nil { // never ends
				t.Fatal(err)
			}
			if err := session.Start(c.script); err != nil {
				t.Fatal(err)
			}
			bird.alive()
			if err := session.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			if exit, ok := session.Wait().(*ssh.ExitError); !ok || !c.want(exit) {
				t.Errorf("got %v", exit)
			}
			b.Close()
			bird.dies()
		})
	}
}

// TestTreesDieWithTheirLink: shell, child and grandchild end when the session
// is closed, the connection is closed or the network resets it.
func TestTreesDieWithTheirLink(t *testing.T) {
	tree := hold + "sh -c 'sleep 1000; :' & sleep 1000; :"
	for name, cut := range map[string]func(*ssh.Session, *ssh.Client, *testenv.FaultProxy){
		"session":    func(s *ssh.Session, _ *ssh.Client, _ *testenv.FaultProxy) { s.Close() },
		"connection": func(_ *ssh.Session, c *ssh.Client, _ *testenv.FaultProxy) { c.Close() },
		"reset":      func(_ *ssh.Session, _ *ssh.Client, p *testenv.FaultProxy) { p.Reset() },
	} {
		for _, tty := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				testenv.Goroutines(t)
				b := startBed(t, []string{"web1"})
				bird := newCanary(t, b.Host("web1").Root())
				addr, key, _ := b.Lookup("web1")
				proxy := testenv.Proxy(t, addr)
				client, err := ssh.Dial("tcp", proxy.Addr, &ssh.ClientConfig{
					Auth: []ssh.AuthMethod{ssh.PublicKeys(b.ClientKey())}, HostKeyCallback: ssh.FixedHostKey(key),
				})
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				session, err := client.NewSession()
				if err != nil {
					t.Fatal(err)
				}
				if tty {
					err = session.RequestPty("vt100", 24, 80, nil)
				}
				if err == nil {
					err = session.Start(tree)
				}
				if err != nil {
					t.Fatal(err)
				}
				bird.alive()
				cut(session, client, proxy)
				bird.dies()
			})
		}
	}
}

// TestOutputHoldersDieWithTheChannel: a command has not ended while anything
// holds its output, even when its shell has.
func TestOutputHoldersDieWithTheChannel(t *testing.T) {
	b := startBed(t, []string{"web1"})
	bird := newCanary(t, b.Host("web1").Root())
	session, err := b.dial("web1").NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Start(hold + "sleep 1000 &"); err != nil {
		t.Fatal(err)
	}
	bird.alive()
	session.Close()
	bird.dies()
}

// TestBackgroundLivesUntilClose: what a command leaves behind survives its
// session, as on a real host, and not the server.
func TestBackgroundLivesUntilClose(t *testing.T) {
	b := startBed(t, []string{"web1"})
	bird := newCanary(t, b.Host("web1").Root())
	client := b.dial("web1")
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Run("mkfifo question; " + hold + "(while read line <question; do echo got $line >&3; done) >/dev/null 2>&1 &"); err != nil {
		t.Fatal(err)
	}
	bird.alive()
	client.Close()
	question, err := os.OpenFile(filepath.Join(b.Host("web1").Root(), "question"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer question.Close()
	if _, err := io.WriteString(question, "hello\n"); err != nil {
		t.Fatal(err)
	}
	bird.says("got hello\n")
	b.Close()
	bird.dies()
}

func TestCloseEndsWhatRuns(t *testing.T) {
	testenv.Goroutines(t)
	b := startBed(t, []string{"web1"})
	bird := newCanary(t, b.Host("web1").Root())
	session, err := b.dial("web1").NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Start("trap '' TERM HUP INT; " + hold + "sleep 1000 & wait"); err != nil {
		t.Fatal(err)
	}
	bird.alive()
	b.Close()
	bird.dies()
	if err := session.Wait(); err == nil {
		t.Error("the client believes that the command ended well")
	}
}

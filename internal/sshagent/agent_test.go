package sshagent

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
	"gofab/internal/sshkey"
	"gofab/internal/testenv"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start runs a real ssh-agent.
func start(t testing.TB) Agent {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "agent")
	cmd := exec.Command(testenv.Require(t, "ssh-agent"), "-D", "-a", socket)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_, err = bufio.NewReader(out).ReadString('\n') // says its socket when it listens
	check(t, err)
	return Agent{socket}
}

// add runs ssh-add.
func add(t testing.TB, a Agent, args ...string) string {
	t.Helper()
	cmd := exec.Command(testenv.Require(t, "ssh-add"), args...)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+a.Socket)
	out, _ := cmd.CombinedOutput() // 1 when the agent has no keys
	return string(out)
}

func newKey(t testing.TB, spec sshkey.Spec) *sshkey.Key {
	t.Helper()
	key, err := sshkey.Generate(spec)
	check(t, err)
	return key
}

func TestWithRealAgent(t *testing.T) {
	testenv.Goroutines(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a := start(t)
	for _, spec := range []sshkey.Spec{{Type: "ed25519", Comment: "one"}, {Type: "rsa", Bits: 2048, Comment: "two"}, {Type: "ecdsa", Comment: "three"}} {
		key := newKey(t, spec)
		check(t, a.Add(ctx, key, Constraints{Lifetime: time.Hour}))
		if out := add(t, a, "-l"); !strings.Contains(out, ssh.FingerprintSHA256(key.Public)+" "+spec.Comment) {
			t.Errorf("ssh-add -l: %s", out)
		}
		signature, err := a.Sign(ctx, key.Public, []byte("data"))
		check(t, err)
		check(t, key.Public.Verify([]byte("data"), signature))
		for _, name := range []string{spec.Comment, ssh.FingerprintSHA256(key.Public), sshkey.MD5(key.Public), sshkey.AuthorizedLine(key.Public, "x")} {
			if found, err := a.Find(ctx, name); err != nil || ssh.FingerprintSHA256(found) != ssh.FingerprintSHA256(key.Public) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	keys, err := a.List(ctx)
	if err != nil || len(keys) != 3 || keys[0].Comment != "one" {
		t.Errorf("%+v %v", keys, err)
	}
	check(t, a.Lock(ctx, []byte("pw")))
	if keys, err := a.List(ctx); err != nil || len(keys) != 0 {
		t.Errorf("locked: %v %v", keys, err)
	}
	if err := a.Unlock(ctx, []byte("no")); fault.KindOf(err) != fault.Denied {
		t.Errorf("a wrong password: %v", err)
	}
	check(t, a.Unlock(ctx, []byte("pw")))
	check(t, a.Remove(ctx, keys[1].Key))
	if out := add(t, a, "-l"); strings.Count(out, "\n") != 2 {
		t.Errorf("after a removal: %s", out)
	}
	check(t, a.RemoveAll(ctx))
	if out := add(t, a, "-l"); !strings.Contains(out, "no identities") {
		t.Errorf("after all removals: %s", out)
	}
	if _, err := a.Find(ctx, "one"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

// A key that asks for confirmation is refused where nobody can be asked, and
// one with a lifetime goes.
func TestConstraints(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	t.Setenv("SSH_ASKPASS", "/bin/false")
	t.Setenv("DISPLAY", ":none")
	a := start(t)
	key := newKey(t, sshkey.Spec{Type: "ed25519"})
	check(t, a.Add(ctx, key, Constraints{Confirm: true}))
	if _, err := a.Sign(ctx, key.Public, []byte("x")); fault.KindOf(err) != fault.Denied {
		t.Errorf("signed without confirmation: %v", err)
	}
	check(t, a.RemoveAll(ctx))
	check(t, a.Add(ctx, key, Constraints{Lifetime: time.Second}))
	for {
		keys, err := a.List(ctx)
		check(t, err)
		if len(keys) == 0 {
			break
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	testenv.Goroutines(t)
	ctx := context.Background()
	if _, err := (Agent{}).List(ctx); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := (Agent{filepath.Join(t.TempDir(), "none")}).List(ctx); fault.KindOf(err) != fault.Unreachable {
		t.Error(err)
	}
	mute, err := net.Listen("unix", filepath.Join(t.TempDir(), "mute"))
	check(t, err)
	defer mute.Close()
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := (Agent{mute.Addr().String()}).List(ctx); fault.KindOf(err) != fault.Timeout {
		t.Error(err)
	}
}

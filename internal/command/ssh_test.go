package command

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gofab/internal/testenv"
)

// throughSSH is an executor that runs lines on a real sshd, through a relay
// that can cut the link. OpenSSH's client is its shell.
func throughSSH(t testing.TB, server *testenv.SSHD) (*Local, *testenv.FaultProxy) {
	ssh := testenv.Require(t, "ssh")
	relay := testenv.Proxy(t, server.Addr)
	_, port, err := net.SplitHostPort(relay.Addr)
	if err != nil {
		t.Fatal(err)
	}
	l := &Local{Shell: []string{ssh, "-F", server.ConfigFile, "-p", port, "-o", "HostKeyAlias=[127.0.0.1]:" + fmt.Sprint(server.Port), server.Name}}
	t.Cleanup(func() { _ = l.Close() })
	return l, relay
}

// openLifeline is one that every user can reach.
func openLifeline(t testing.TB) *lifeline {
	dir, err := os.MkdirTemp("/tmp", "gofab")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "life")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	return &lifeline{path: path, begun: make(chan struct{})}
}

// TestNothingOutlivesTheLink cuts the connection below running trees of an
// ordinary user, also where they are root's by sudo.
func TestNothingOutlivesTheLink(t *testing.T) {
	testenv.Require(t, "sshd")
	user := testenv.SudoUser(t, password, false)
	server := testenv.StartSSHD(t, testenv.As(user.Name))
	deps, _ := asking(password)
	t.Run("cuts", func(t *testing.T) {
		for _, name := range []string{"children", "stubborn2"} {
			for kind, change := range map[string]func(*Options){
				"user": nil,
				"root": func(o *Options) { o.Sudo = true },
			} {
				t.Run(name+" "+kind, func(t *testing.T) {
					t.Parallel()
					cut(t, server, deps, trees[name], change)
				})
			}
		}
	})
}

func cut(t *testing.T, server *testenv.SSHD, deps Deps, tree string, change func(*Options)) {
	l, relay := throughSSH(t, server)
	life := openLifeline(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		life.begin(t)
		if rand.IntN(2) == 0 {
			relay.Reset()
		} else {
			cancel()
		}
	}()
	o := with(change)
	o.Env = map[string]string{"LIFE": life.path}
	if r, err := Run(ctx, l, Request{Line: tree, Options: o}, deps); err == nil {
		t.Errorf("a cut link is no success: %+v", r)
	}
	life.end(t)
}

func TestDetachedCommandOutlivesTheLink(t *testing.T) {
	testenv.Require(t, "sshd")
	user := testenv.SudoUser(t, password, true)
	server := testenv.StartSSHD(t, testenv.As(user.Name))
	for _, sudo := range []bool{false, true} {
		l, relay := throughSSH(t, server)
		life := openLifeline(t)
		o := with(func(o *Options) {
			o.Detach, o.Sudo, o.Env = true, sudo, map[string]string{"LIFE": life.path}
		})
		line := `read go <"$LIFE"; echo "$go" >"$LIFE"`
		if r, err := Run(t.Context(), l, Request{Line: line, Options: o}, Deps{}); err != nil || r.Stdout+r.Stderr != "" {
			t.Fatalf("%+v, %v", r, err)
		}
		relay.Reset()
		if err := os.WriteFile(life.path, []byte("on\n"), 0); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(life.path); err != nil || string(got) != "on\n" {
			t.Errorf("sudo=%v: %q, %v", sudo, got, err)
		}
	}
}

// TestEverythingOverSSH runs one of each kind of command on a real sshd.
func TestEverythingOverSSH(t *testing.T) {
	testenv.Require(t, "sshd")
	user := testenv.SudoUser(t, password, false)
	l, _ := throughSSH(t, testenv.StartSSHD(t, testenv.As(user.Name)))
	deps, _ := asking(password)
	text := strings.Repeat("0123456789\n", 20000)
	for name, test := range map[string]struct {
		line, want string
		change     func(*Options)
	}{
		"plain":    {"id -un", user.Name + "\n", nil},
		"place":    {`pwd; echo "$A"`, "/usr\nit's\n", func(o *Options) { o.Cwd, o.Env = "/usr", map[string]string{"A": "it's"} }},
		"sudo":     {"id -un; pwd", "root\n/usr\n", func(o *Options) { o.Sudo, o.Cwd = true, "/usr" }},
		"home":     {"pwd", "/root\n", func(o *Options) { o.Sudo, o.Cwd = true, "~" }},
		"user":     {"id -un", "nobody\n", func(o *Options) { o.User = "nobody" }},
		"stdin":    {"cat", text, func(o *Options) { o.User, o.Stdin = "nobody", Text(text) }},
		"shell":    {"echo ${A[1]} $0", "b /bin/bash\n", func(o *Options) { o.Shell, o.Prefix = "/bin/bash", []string{"A=(a b)"} }},
		"login":    {"shopt -q login_shell && echo yes", "yes\n", func(o *Options) { o.Shell, o.Login = "/bin/bash", true }},
		"newlines": {"cat <<'EOF'\na\\b!\nEOF\n", "a\\b!\n", nil},
		"nothing":  {"cat", "", func(o *Options) { o.Timeout = time.Minute }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r, err := Run(t.Context(), l, Request{Line: test.line, Options: with(test.change)}, deps); err != nil || r.Stdout != test.want {
				t.Errorf("got %.300q, %v, want %.300q", r.Stdout, err, test.want)
			}
		})
	}
}

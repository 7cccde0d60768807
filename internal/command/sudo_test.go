package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/testenv"
)

const password = "corr&ct 'horse'"

// as is an executor whose login shell belongs to a user.
func as(t testing.TB, user testenv.User) *Local {
	setpriv := testenv.Require(t, "setpriv")
	l := &Local{
		Shell: []string{setpriv, "--reuid", user.Name, "--regid", user.Name, "--init-groups", "/bin/sh", "-c"},
		Env:   []string{"PATH=/usr/bin:/bin", "LC_ALL=C"},
		Dir:   "/",
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// asking gives Deps that count how often the password is asked for.
func asking(text string) (deps Deps, count *atomic.Int32) {
	count = new(atomic.Int32)
	deps.BecomePassword = func(context.Context, string) (secret.Value, error) {
		count.Add(1)
		return secret.New(text), nil
	}
	return deps, count
}

func TestSudoPassword(t *testing.T) {
	for _, free := range []bool{false, true} {
		l := as(t, testenv.SudoUser(t, password, free))
		for name, change := range map[string]func(*Options){
			"plain":   func(o *Options) { o.Sudo = true },
			"pty":     func(o *Options) { o.Sudo, o.PTY = true, true },
			"timeout": func(o *Options) { o.Sudo, o.Timeout = true, time.Minute },
			"place":   func(o *Options) { o.User, o.Cwd, o.Env = "root", "/usr", map[string]string{"A": "1"} },
		} {
			t.Run(fmt.Sprint(name, " nopasswd=", free), func(t *testing.T) {
				forget(t, l)
				deps, count := asking(password)
				req := Request{Line: `test "${A-1}" = 1 && id -un; cat`, Options: with(change)}
				req.OnLine = func(stream, line string) {
					if strings.Contains(line, "-password-") || strings.Contains(line, "-ready-") {
						t.Errorf("%s shows %q", stream, line)
					}
				}
				if req.Options.PTY {
					req.Line = "id -un"
				}
				r, err := Run(t.Context(), l, req, deps)
				if err != nil {
					t.Fatal(err)
				}
				checkSudo(t, r, count, free)
			})
		}
	}
}

// forget makes sudo ask again: it knows a user by the parent process, which is
// the same in all these tests.
func forget(t *testing.T, l *Local) {
	if exit, err := l.Exec(t.Context(), Exec{Line: "sudo -K"}); err != nil || exit.Code != 0 {
		t.Fatal(exit, err)
	}
}

func checkSudo(t *testing.T, r Result, count *atomic.Int32, free bool) {
	t.Helper()
	out := strings.ReplaceAll(r.Stdout, "\r", "")
	if !strings.HasSuffix(out, "root\n") || count.Load() > 0 && free || count.Load() != 1 && !free {
		t.Errorf("asked %d times, %+v", count.Load(), r)
	}
	for _, text := range []string{password, "-password-", "-ready-"} {
		if strings.Contains(r.Stdout+r.Stderr, text) || text == password && strings.Contains(r.Line, text) {
			t.Errorf("%q shows in %+v", text, r)
		}
	}
}

// Standard input is the command's alone, whether sudo asks or not.
func TestStdinComesAfterThePassword(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("line\n", 100000)
	for _, free := range []bool{false, true} {
		l := as(t, testenv.SudoUser(t, password, free))
		deps, _ := asking(password)
		req := Request{Line: "cat", Options: with(func(o *Options) { o.Sudo, o.Stdin = true, Text(text) })}
		if r, err := Run(t.Context(), l, req, deps); err != nil || r.Stdout != text {
			t.Errorf("nopasswd=%v: %d bytes of %d came back, %v", free, len(r.Stdout), len(text), err)
		}
		req = Request{Line: "read a; echo got $a", Options: with(func(o *Options) {
			o.User, o.Watch = "nobody", []Answer{{Pattern: "never", Reply: Reply{Text: secret.New("x")}, Max: 1}}
		}), Stdin: strings.NewReader("first\n")}
		if r, err := Run(t.Context(), l, req, deps); err != nil || r.Stdout != "got first\n" {
			t.Errorf("nopasswd=%v: %+v, %v", free, r, err)
		}
	}
}

func TestWrongSudoPassword(t *testing.T) {
	testenv.Goroutines(t)
	l := as(t, testenv.SudoUser(t, password, false))
	deps, count := asking("wrong")
	req := Request{Host: "web1", Line: "id", Options: with(func(o *Options) { o.Sudo, o.Retries, o.Check = true, 5, false })}
	_, err := Run(t.Context(), l, req, deps)
	if fault.KindOf(err) != fault.Auth || count.Load() != 1 || err.Error() != "web1: sudo refused the password: id" {
		t.Fatalf("asked %d times: %v", count.Load(), err)
	}
	_ = l.Close()
}

func TestSudoWithoutAPassword(t *testing.T) {
	t.Parallel()
	l := as(t, testenv.SudoUser(t, password, false))
	req := Request{Line: "id", Options: with(func(o *Options) { o.Sudo = true })}
	if _, err := Run(t.Context(), l, req, Deps{}); fault.KindOf(err) != fault.Exit || !strings.Contains(fault.From(err).Hint, "sudo wants a password") {
		t.Errorf("%v", err)
	}
	nobody := errors.New("nobody is there to type it")
	deps := Deps{BecomePassword: func(context.Context, string) (secret.Value, error) { return secret.Value{}, nobody }}
	if _, err := Run(t.Context(), l, req, deps); fault.KindOf(err) != fault.Auth || !errors.Is(err, nobody) {
		t.Errorf("%v", err)
	}
	req.Options.Password = secret.New(password)
	if _, err := Run(t.Context(), l, req, deps); err != nil {
		t.Error(err)
	}
}

// A cancelled run ends the question as well.
func TestCancelWhileAsking(t *testing.T) {
	testenv.Goroutines(t)
	l := as(t, testenv.SudoUser(t, password, false))
	ctx, cancel := context.WithCancel(t.Context())
	deps := Deps{BecomePassword: func(ctx context.Context, _ string) (secret.Value, error) {
		cancel()
		<-ctx.Done()
		return secret.Value{}, ctx.Err()
	}}
	req := Request{Line: "id", Options: with(func(o *Options) { o.Sudo = true })}
	if _, err := Run(ctx, l, req, deps); fault.KindOf(err) != fault.Cancelled {
		t.Fatal(err)
	}
	_ = l.Close()
}

// A person types slower than the command may run.
func TestTimeoutStandsStillWhileAsking(t *testing.T) {
	t.Parallel()
	l := as(t, testenv.SudoUser(t, password, false))
	limit := time.Second
	deps := Deps{BecomePassword: func(context.Context, string) (secret.Value, error) {
		<-time.After(limit + limit/4)
		return secret.New(password), nil
	}}
	req := Request{Line: "id -un", Options: with(func(o *Options) { o.Sudo, o.Timeout = true, limit })}
	if r, err := Run(t.Context(), l, req, deps); err != nil || r.Stdout != "root\n" {
		t.Fatalf("%+v, %v", r, err)
	}
	req.Line = "sleep 1000"
	if r, err := Run(t.Context(), l, req, deps); !r.TimedOut {
		t.Fatalf("%+v, %v", r, err)
	}
}

// The command knows the marker from sudo's arguments, and asks in its name.
func TestCommandCannotAskForThePassword(t *testing.T) {
	t.Parallel()
	l := as(t, testenv.SudoUser(t, password, false))
	deps, count := asking(password)
	line := `mark=$(tr '\0' '\n' </proc/$1/cmdline | grep -m1 -e -password-); printf %s "$mark" >&2; read x; echo "got $x"`
	line = `p=$$; until tr '\0' ' ' </proc/$p/cmdline | grep -q '^sudo'; do p=$(sed 's/.*) . //; s/ .*//' /proc/$p/stat); done; set -- $p; ` + line
	req := Request{Line: line, Options: with(func(o *Options) { o.Sudo, o.Stdin = true, Text("mine\n") })}
	r, err := Run(t.Context(), l, req, deps)
	if err != nil || count.Load() != 1 || r.Stdout != "got mine\n" || !strings.HasSuffix(r.Stderr, "-password-") {
		t.Fatalf("asked %d times, %+v, %v", count.Load(), r, err)
	}
}

// While the command runs, the password is in no argument and no environment.
func TestPasswordIsInNoProcess(t *testing.T) {
	t.Parallel()
	l := as(t, testenv.SudoUser(t, password, false))
	deps, _ := asking(password)
	seen := 0
	req := Request{Line: "echo up; sleep 1000", Options: with(func(o *Options) { o.Sudo = true })}
	ctx, cancel := context.WithCancel(t.Context())
	req.OnLine = func(_, line string) {
		if line == "up" {
			seen = searchProcesses(t, password)
			cancel()
		}
	}
	_, err := Run(ctx, l, req, deps)
	if fault.KindOf(err) != fault.Cancelled || seen < 3 {
		t.Fatalf("%d processes searched, %v", seen, err)
	}
}

func searchProcesses(t *testing.T, text string) (searched int) {
	for _, kind := range []string{"cmdline", "environ"} {
		paths, _ := filepath.Glob("/proc/[0-9]*/" + kind)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err == nil {
				searched++
			}
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s holds the password", path)
			}
		}
	}
	return searched
}

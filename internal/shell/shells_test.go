package shell

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// shellNamed gives a path under which a program is a POSIX shell: busybox
// wants to be called sh.
func shellNamed(t testing.TB, program string) string {
	path := testenv.Require(t, program)
	if program != "busybox" {
		return path
	}
	link := filepath.Join(t.TempDir(), "sh")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// runLine has a login shell run a line, as sshd does.
func runLine(t testing.TB, login, line string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(login, "-c", line)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// generator makes arguments that hurt.
type generator struct{ *rand.Rand }

func newGenerator(t testing.TB) generator {
	const seed = 1
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return generator{rand.New(rand.NewPCG(seed, 0))}
}

var pieces = []string{
	"'", `"`, `\`, "`", "$", "$(", ")", "${HOME}", "$HOME", "!", "!!", "!$", "\n", "\r", "\t", " ", "  ", ";", "&", "&&", "|", "||",
	"<", ">", "<<", "*", "?", "[", "]", "{a,b}", "{", "}", "~", "~root", "#", "=", "=ls", "%1", "^", "^a^b", "-", "--", "-n", "--help",
	`\n`, `\\`, `\'`, `\0101`, "%s", "%d", "%b", "(", "()", "a b", "it's", `"'"'"`, "\x01", "\x02", "\x7f", "\x1b[31m", "\x81", "\x84", "\x88",
	"\xff", "\xfe", "ä", "日本", "\u202e", "\u00a0", "if", "then", "done", "exit", "EOF", ",", ":", "@", "+", "a", "b", "x", "0", "\\\n",
}

func (g generator) argument() string {
	var out strings.Builder
	if g.IntN(4) == 0 {
		for range g.IntN(24) {
			out.WriteByte(byte(1 + g.IntN(255)))
		}
		return out.String()
	}
	for range g.IntN(8) {
		out.WriteString(pieces[g.IntN(len(pieces))])
	}
	return out.String()
}

func (g generator) arguments(n int) []string {
	args := make([]string, n)
	for i := range args {
		args[i] = g.argument()
	}
	return args
}

// echo is a command that writes its arguments with a NUL behind each, and
// what it writes.
func echo(args []string) (command []string, want string) {
	return append([]string{"printf", `%s\0`}, args...), strings.Join(args, "\x00") + "\x00"
}

func compare(t *testing.T, got, want string, line string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\x00"), strings.Split(want, "\x00")
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("argument %d: got %.300q\nwant %q\nin %d bytes: %.1000s", i, g[min(i, len(g)-1)], w[i], len(line), line)
		}
	}
	t.Fatalf("%d arguments instead of %d", len(g), len(w))
}

func TestQuotedArgumentsReachEveryShell(t *testing.T) {
	for _, program := range []string{"dash", "bash", "busybox"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			sh, g := shellNamed(t, program), newGenerator(t)
			for range 125 { // 10,000 arguments
				command, want := echo(g.arguments(80))
				line, err := Join(command)
				if err != nil {
					t.Fatal(err)
				}
				got, _, _ := runLine(t, sh, line)
				compare(t, got, want, line)
			}
		})
	}
}

// The login shell reads the line first, then /bin/sh (each of three), then the
// shell that was asked for.
func TestComposedArgumentsReachEveryShell(t *testing.T) {
	logins := []string{"dash", "bash", "busybox", "zsh", "fish", "tcsh"}
	for _, login := range logins {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			path, g := shellNamed(t, login), newGenerator(t)
			inner := []string{shellNamed(t, "dash"), shellNamed(t, "bash"), shellNamed(t, "busybox")}
			for i := range 90 {
				command, want := echo(g.arguments(40))
				c := Command{Args: command, Shell: inner[i/3%3], Watch: i%2 == 0}
				if i%4 == 0 {
					c = Command{Args: command, Sudo: os.Geteuid() == 0 && g.IntN(4) == 0}
				}
				line, err := Compose(c)
				if err != nil {
					t.Fatal(err)
				}
				line = strings.ReplaceAll(line, POSIX, inner[i%3])
				got, _, _ := runOpen(t, path, line)
				compare(t, got, want, line)
			}
		})
	}
}

// runOpen is runLine with a standard input that stays open.
func runOpen(t testing.TB, login, line string) (stdout, stderr string, code int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = w.Close(), r.Close() })
	cmd := exec.Command(login, "-c", line)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r, &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a", "it's", "\\", "!\n", "\x81"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		if strings.Contains(arg, "\x00") {
			if _, err := Quote(arg); err == nil {
				t.Fatal("NUL was taken")
			}
			return
		}
		line, err := Compose(Command{Args: []string{"printf", "%s", arg}})
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := runLine(t, "/bin/sh", line)
		if got != arg {
			t.Fatalf("got %q, want %q", got, arg)
		}
	})
}

func BenchmarkCompose(b *testing.B) {
	c := Command{Args: []string{"tar", "-xzf", "x y.tgz"}, Cwd: "/srv/app", Env: map[string]string{"A": "1"}, User: "deploy", Watch: true}
	for b.Loop() {
		if _, err := Compose(c); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleCompose() {
	line, _ := Compose(Command{Args: []string{"ls", "-l", "a b"}, Cwd: "/srv", Env: map[string]string{"LC_ALL": "C"}, User: "www-data"})
	fmt.Println(line)
	// Output: exec sudo -n -H -u www-data -- /bin/sh -c 'cd -- /srv || exit; export LC_ALL=C; ls -l '"'"'a b'"'"''
}

package shell

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gofab/internal/testenv"
)

// shellFolder is a folder that every user can enter, unlike t.TempDir.
func shellFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/tmp", "gofab it's ")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMatrix runs every combination and has the command say where it is, who
// it is and what it sees.
func TestMatrix(t *testing.T) {
	dir := shellFolder(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	users := []string{""}
	if me.Uid == "0" {
		testenv.Require(t, "sudo")
		users = append(users, "nobody", "#65534")
	}
	bash := testenv.Require(t, "bash")
	for i := range 2 * 2 * 2 * 2 * 2 * 3 {
		for _, name := range users {
			c := Command{
				Line:  `printf "%s|" "$PWD" "$A" "$P" "$(id -un)" "$(umask)"; exit 7`,
				Cwd:   pick(i&1 != 0, dir),
				Umask: pick(i&2 != 0, "027"),
				User:  name,
				Watch: i&4 != 0,
				Shell: pick(i&8 != 0, bash),
			}
			if i&16 != 0 {
				c.Env = map[string]string{"A": "it's \"$HOME\" \\n!"}
			}
			if i >= 32 {
				c.Prefix = []string{"P=1 # 'comment", `P="$P$A"`}[:i/32]
			}
			t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) { checkMatrix(t, c, me.Username) })
		}
	}
}

func pick(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

func checkMatrix(t *testing.T, c Command, me string) {
	line, err := Compose(c)
	if err != nil {
		t.Fatal(err)
	}
	got, stderr, code := runOpen(t, POSIX, line)
	cwd, _ := os.Getwd()
	who, mask, p := me, fmt.Sprintf("%04o", umask()), ""
	if c.Cwd != "" {
		cwd = c.Cwd
	}
	if c.User != "" {
		who = strings.Replace(c.User, "#65534", "nobody", 1)
	}
	if c.Umask != "" {
		mask = "0" + c.Umask
	}
	if len(c.Prefix) > 0 {
		p = "1"
	}
	if len(c.Prefix) > 1 {
		p += c.Env["A"]
	}
	want := strings.Join([]string{cwd, c.Env["A"], p, who, mask}, "|") + "|"
	if got != want || code != 7 || stderr != "" {
		t.Fatalf("got  %q, exit %d, stderr %q\nwant %q\n%s", got, code, stderr, want, line)
	}
}

func umask() int {
	old := syscall.Umask(0)
	syscall.Umask(old)
	return old
}

func TestFailingPlaceRunsNothing(t *testing.T) {
	for _, c := range []Command{
		{Line: "echo ran", Cwd: "/no/such/folder"},
		{Line: "echo ran", Cwd: "/no/such/folder", Watch: true},
		{Line: "echo ran", Cwd: "/no/such/folder", Detach: true},
		{Line: "echo ran", Prefix: []string{"true", "exit 3"}},
		{Line: "echo ran", Prefix: []string{"true", "false && true", "true"}},
	} {
		line, err := Compose(c)
		if err != nil {
			t.Fatal(err)
		}
		if out, _, code := runOpen(t, POSIX, line); out != "" || code == 0 {
			t.Errorf("%+v: exit %d, output %q", c, code, out)
		}
	}
}

func TestExitCodesArriveUnchanged(t *testing.T) {
	for text, want := range map[string]int{
		"exit 0": 0, "exit 1": 1, "exit 255": 255, "/no/such/program": 127, "/etc/passwd": 126,
		`sh -c 'kill -TERM $$'`: 143, `sh -c 'kill -KILL $$'`: 137, "(exit 3) | true": 0, "exec false": 1, "'": 2,
	} {
		for _, c := range []Command{{Line: text}, {Line: text, Watch: true}, {Line: text, Watch: true, Login: true}} {
			line, err := Compose(c)
			if err != nil {
				t.Fatal(err)
			}
			if _, stderr, code := runOpen(t, POSIX, line); code != want {
				t.Errorf("%s (watch %v): exit %d, want %d, stderr %q", text, c.Watch, code, want, stderr)
			}
		}
	}
}

// TestWatchKillsWithTheLink ends standard input and waits until all that the
// command started has let go of standard output.
func TestWatchKillsWithTheLink(t *testing.T) {
	for _, program := range []string{"dash", "bash", "busybox"} {
		sh := shellNamed(t, program)
		for _, text := range []string{
			"echo up; sleep 1000",
			"echo up; (sleep 1000 & sleep 1000) | cat",
			`trap "" TERM HUP; echo up; sleep 1000; sleep 1000`,
			`trap "exit 0" TERM; (trap "" TERM; sleep 1000; sleep 1000) & echo up; sleep 1000`,
		} {
			t.Run(program+" "+text, func(t *testing.T) {
				t.Parallel()
				line, err := Compose(Command{Line: text, Watch: true})
				if err != nil {
					t.Fatal(err)
				}
				cutLink(t, sh, strings.ReplaceAll(line, POSIX, sh))
			})
		}
	}
}

func cutLink(t *testing.T, sh, line string) {
	cmd := exec.Command(sh, "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, len("up\n"))); err != nil {
		t.Fatal(err)
	}
	_ = stdin.Close()
	if rest, err := io.ReadAll(stdout); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("a killed command ended well")
	}
}

// The watcher must be gone at the end: nothing is left in the process group.
func TestWatcherEndsWithTheCommand(t *testing.T) {
	for _, program := range []string{"dash", "bash", "busybox"} {
		sh := shellNamed(t, program)
		line, err := Compose(Command{Line: "true", Watch: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			cmd := exec.Command(sh, "-c", strings.ReplaceAll(line, POSIX, sh))
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			stdin, _ := cmd.StdinPipe()
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(-cmd.Process.Pid, 0); err != syscall.ESRCH {
				t.Fatalf("%s: something is left in the process group: %v", program, err)
			}
			_ = stdin.Close()
		}
	}
}

// A detached command reports through a named pipe, after the line has ended
// and its process group was killed.
func TestDetachSurvives(t *testing.T) {
	checkDetach(t, Command{})
	checkDetach(t, Command{Shell: testenv.Require(t, "bash"), Prefix: []string{"A=$A"}})
	if os.Geteuid() == 0 {
		testenv.Require(t, "sudo")
		checkDetach(t, Command{Sudo: true})
	}
}

func checkDetach(t *testing.T, c Command) {
	c.Cwd, c.Detach = shellFolder(t), true
	c.Line, c.Env = `cat fifo >/dev/null; echo "$A" >fifo`, map[string]string{"A": "it's here"}
	fifo := filepath.Join(c.Cwd, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	line, err := Compose(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(POSIX, "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v %s", err, out)
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if err := os.WriteFile(fifo, []byte("go\n"), 0); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(fifo); err != nil || string(got) != c.Env["A"]+"\n" {
		t.Fatalf("%q %v", got, err)
	}
}

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gofab/internal/screen"
	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// seat is a person at a terminal in which gofab runs.
type seat struct {
	t   *testing.T
	cmd *exec.Cmd
	*os.File
	screen *screen.Screen
	all    bytes.Buffer
}

// sit starts gofab in a terminal of its own.
func sit(t *testing.T, dir string, args ...string) *seat {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "gofab"
	return sitDown(t, dir, cmd)
}

// sitDown starts a program in a terminal of its own.
func sitDown(t *testing.T, dir string, cmd *exec.Cmd) *seat {
	t.Helper()
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(cmd.Env, "HOME="+dir, "TERM=xterm", "PS1=$ ", "GORACE=atexit_sleep_ms=0")...)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	hang := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { hang.Stop(); master.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &seat{t: t, cmd: cmd, File: master, screen: screen.New(80, 24, 0)}
}

// sees waits until a text is on the screen.
func (s *seat) sees(text string) {
	s.t.Helper()
	for buf := make([]byte, 4096); !strings.Contains(s.screen.Text(), text); {
		n, err := s.Read(buf)
		if err != nil {
			s.t.Fatalf("%v while waiting for %q on\n%s", err, text, s.screen.Text())
		}
		_, _ = s.screen.Write(buf[:n])
		s.all.Write(buf[:n])
	}
}

func (s *seat) types(keys string) {
	s.t.Helper()
	if _, err := s.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// leaves waits for the end and gives the exit code.
func (s *seat) leaves() int {
	rest, _ := io.ReadAll(s) // the end of a terminal is an error
	_, _ = s.screen.Write(rest)
	s.all.Write(rest)
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// raw tells whether the terminal is raw, also after the program's end.
func (s *seat) raw() bool {
	s.t.Helper()
	state, err := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS)
	if err != nil {
		s.t.Fatal(err)
	}
	return state.Lflag&unix.ICANON == 0
}

const setup = `printf 'Name: '; read name
stty -echo; printf 'Password: '; read password; stty echo; echo
until [ "$(stty size)" = "30 100" ]; do sleep 0.05; done
echo "Welcome $name, you have 30 100"
trap 'echo stopped; exit 3' INT
printf 'Ready> '; read nothing
`

func script(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "setup.sh"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRecordAndReplay(t *testing.T) {
	dir := script(t, setup)
	s := sit(t, dir, "record", "-o", "session.lua", "--", "sh", "setup.sh")
	s.sees("Name: ")
	s.types("jox\x7fe\r")
	s.sees("Password: ")
	if err := pty.Setsize(s.File, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	s.types("Tr0ub4dor&3\r")
	s.sees("Ready> ")
	s.sees("Welcome joe, you have 30 100")
	s.types("\x03")
	if code := s.leaves(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(s.all.String(), "wrote session.lua and session.cast") || s.raw() {
		t.Errorf("raw: %t, shown at the end:\n%s", s.raw(), s.screen.Text())
	}
	lua, cast := read(t, dir, "session.lua"), read(t, dir, "session.cast")
	for _, line := range []string{
		`local secret1 = secret.ask("Password: ")`, `p:expect("Name: ")`, `p:line("joe")`, `p:line(secret1)`,
		`p:expect("Ready> ")`, `p:intr()`, `assert(p:wait().code == 3)`,
	} {
		if !strings.Contains(lua, line) {
			t.Errorf("the script lacks %s:\n%s", line, lua)
		}
	}
	if strings.Contains(lua+cast, "Tr0ub4dor") {
		t.Errorf("the password is stored:\n%s\n%s", lua, cast)
	}
	r := sit(t, dir, "replay", "session.cast")
	r.sees("Name: ")
	r.types("joe\r")
	r.sees("Password: ")
	r.types("another\r")
	r.sees("Ready> ")
	r.types("\x03")
	if code := r.leaves(); code != 3 || r.raw() {
		t.Errorf("replay ends with %d, raw: %t:\n%s", code, r.raw(), r.screen.Text())
	}
}

// On the other side of an SSH connection the echo is switched off where our
// terminal cannot see it.
func TestRecordOverSSH(t *testing.T) {
	server := testenv.StartSSHD(t)
	dir := script(t, "stty -echo; printf 'Password: '; read password; stty echo; echo; echo \"got $password\"; printf 'Name: '; read name; echo \"hello $name\"")
	s := sit(t, dir, "record", "-o", "session.lua", "--", testenv.Require(t, "ssh"), "-tt", "-F", server.ConfigFile, server.Name, "sh "+filepath.Join(dir, "setup.sh"))
	s.sees("Password: ")
	s.types("Tr0ub4dor&3\r")
	s.sees("Name: ")
	s.types("joe\r")
	if code := s.leaves(); code != 0 {
		t.Errorf("exit code %d\n%s", code, s.screen.Text())
	}
	lua, cast := read(t, dir, "session.lua"), read(t, dir, "session.cast")
	if strings.Contains(lua+cast, "Tr0ub4dor") || !strings.Contains(lua, `secret.ask("Password: ")`) || !strings.Contains(lua, `p:line("joe")`) {
		t.Errorf("%s\n%s", lua, cast)
	}
	if !strings.Contains(cast, "got ***") {
		t.Errorf("the password is shown:\n%s", cast)
	}
}

func TestRecordIsInterrupted(t *testing.T) {
	dir := script(t, setup)
	s := sit(t, dir, "record", "-o", "session.lua", "--", "sh", "setup.sh")
	s.sees("Name: ")
	s.types("joe\r")
	s.sees("Password: ")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := s.leaves(); code != world.ExitInterrupted || s.raw() {
		t.Errorf("exit code %d, raw: %t", code, s.raw())
	}
	if lua := read(t, dir, "session.lua"); !strings.Contains(lua, `p:line("joe")`) {
		t.Errorf("what there was is not saved:\n%s", lua)
	}
}

// A program that crashes leaves the terminal in whatever state it was; record
// sets it back.
func TestRecordSetsTheTerminalBack(t *testing.T) {
	dir := script(t, `printf '\033[?1049h\033[?25l\033[?2004hgone'; stty raw -echo; kill -9 $$`)
	s := sit(t, dir, "record", "-o", "session.lua", "--", "sh", "setup.sh")
	_ = s.leaves()
	if c := s.screen.Cursor(); s.screen.Alternate() || !c.Visible || s.screen.BracketedPaste() || s.raw() {
		t.Errorf("the terminal is left in a strange state: %+v\n%q", c, s.all.String())
	}
}

package screen

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
)

const wide, high = 72, 20

// step is something to wait for on the screen, and what is typed then.
type step struct{ seen, typed string }

// TestProgramsLookAsInTmux runs full-screen programs in a pseudo terminal; at
// each step the screen is compared with what tmux makes of the same bytes.
func TestProgramsLookAsInTmux(t *testing.T) {
	t.Chdir(t.TempDir()) // programs show the name of the file
	const file = "poem.txt"
	if err := os.WriteFile(file, []byte(poem()), 0o600); err != nil {
		t.Fatal(err)
	}
	x := startTmux(t, wide, high)
	tests := []struct {
		name  string
		args  []string
		steps []step
	}{
		{"vi", []string{"-u", "NONE", "-i", "NONE", "-n", "-c", "set nocp ruler hls", file}, []step{
			{"line 1 ", "4G3dd"}, {"3 fewer", "Obrand new wörter 日本\x1b"}, {"日本", "/line 3\r"}, {"line 3", ":split\r"},
			{"poem.txt", "\x06"}, {"[+]", "\x17\x17:set nu\r"}, {" 28 line", "ggxp>>:%s/line/LINE/g\r"}, {"LINE", ":q!\r"}, {"", ":q!\r"}}},
		{"less", []string{file}, []step{
			{"line 1 ", " "}, {"line 25", "b"}, {"line 1 ", "/line 30\r"}, {"line 30", "jjkk"}, {":", "G"}, {"(END)", "q"}}},
		{"whiptail", []string{"--title", "Ünicode", "--menu", "Pick one", "15", "50", "4", "a", "first 日本", "b", "second"}, []step{
			{"<Cancel>", "\x1b[B"}, {"second", "\t"}, {"<Ok>", "\t\r"}}},
		{"top", []string{"-n", "2", "-d", "0.1"}, []step{{"PID", ""}}}, // it drops keys that come early
	}
	for _, test := range tests {
		for _, term := range []string{"xterm", "xterm-256color", "vt100", "screen", "linux"} {
			t.Run(test.name+" "+term, func(t *testing.T) {
				program := testenv.Require(t, test.name)
				watch(t, x, exec.Command(program, test.args...), term, test.steps)
			})
		}
	}
}

func poem() string {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "line %d of %s\n", i+1, strings.Repeat("wörter and\ttabs ", i%5))
	}
	return b.String()
}

// watch runs a program through its steps and to its end.
func watch(t *testing.T, x *tmux, cmd *exec.Cmd, term string, steps []step) {
	cmd.Env = append(os.Environ(), "TERM="+term, "LC_ALL=C.UTF-8", "LESS=", "LINES=", "COLUMNS=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: high, Cols: wide})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { tty.Close(); _ = cmd.Wait() }()
	hang := time.AfterFunc(time.Minute, func() { t.Error("it hangs"); _ = cmd.Process.Kill() })
	defer hang.Stop()
	s, all := New(wide, high, 100), &bytes.Buffer{}
	for _, step := range steps {
		readUntil(t, tty, s, all, step.seen)
		compareScreens(t, x, s, all.String())
		if _, err := tty.WriteString(step.typed); err != nil {
			t.Fatal(err)
		}
	}
	rest, _ := io.ReadAll(tty) // the end is an error of the terminal
	_, _ = s.Write(rest)
	all.Write(rest)
	compareScreens(t, x, s, all.String())
}

// readUntil shows output until a text is on the screen. There is always more
// output after something was typed.
func readUntil(t *testing.T, tty io.ReadWriter, s *Screen, all *bytes.Buffer, text string) {
	t.Helper()
	buf := make([]byte, 4096)
	for {
		n, err := tty.Read(buf)
		if err != nil {
			t.Fatalf("%v while waiting for %q on\n%s", err, text, s.Text())
		}
		_, _ = s.Write(buf[:n])
		all.Write(buf[:n])
		if _, err := tty.Write(s.Replies()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s.Text(), text) {
			return
		}
	}
}

func compareScreens(t *testing.T, x *tmux, s *Screen, bytes string) {
	t.Helper()
	want := x.see(bytes, wide)
	if diff := cmp.Diff(want.Lines, looks(s)); diff != "" {
		t.Errorf("(-tmux +gofab)\n%s\n%q", diff, bytes)
	}
	if want.Row != s.cursor.row || min(want.Col, wide-1) != s.cursor.col {
		t.Errorf("the cursor is at %d, %d, in tmux at %d, %d", s.cursor.row, s.cursor.col, want.Row, want.Col)
	}
}

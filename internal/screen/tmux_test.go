package screen

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gofab/internal/testenv"
)

// tmux is a real terminal emulator to compare with: one pane that shows what
// is written to it. The program in the pane copies a pipe to its terminal, and
// what the terminal answers to another pipe.
type tmux struct {
	t        testing.TB
	show     *os.File      // what is written here is shown in the pane
	answers  *bufio.Reader // what the terminal answers
	commands io.Writer
	results  *bufio.Reader
}

// seen is what tmux knows of its pane.
type seen struct {
	Lines   []string
	Col     int // as many as there are columns while a line break is pending
	Row     int
	Flags   string
	Replies string
}

const paneProgram = `stty raw -echo; cat %s </dev/null & exec cat >%s`

func startTmux(t testing.TB, cols, rows int) *tmux {
	program := testenv.Require(t, "tmux")
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, pipe := range []string{in, out} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-S", filepath.Join(dir, "s"), "-f", "/dev/null", "-u", "-C",
		"new-session", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows), fmt.Sprintf(paneProgram, in, out))
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm", "TMUX=")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	x := &tmux{t: t, commands: stdin, results: bufio.NewReader(stdout)}
	t.Cleanup(func() {
		fmt.Fprintln(stdin, "kill-server")
		stdin.Close()
		_, _ = io.Copy(io.Discard, x.results)
		_ = cmd.Wait()
	})
	x.block() // of new-session itself
	x.command("refresh-client -f no-output")
	x.command("set -g status off")
	x.command("set -g window-size manual")
	x.command(fmt.Sprintf("resize-window -x %d -y %d", cols, rows))
	x.open(in, out)
	return x
}

// open waits for the program in the pane: a pipe opens when both ends do.
func (x *tmux) open(in, out string) {
	show, err := os.OpenFile(in, os.O_WRONLY, 0)
	if err != nil {
		x.t.Fatal(err)
	}
	answers, err := os.Open(out)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { show.Close(); answers.Close() })
	x.show, x.answers = show, bufio.NewReader(answers)
}

// command has tmux do something and gives what it prints.
func (x *tmux) command(line string) []string {
	x.t.Helper()
	fmt.Fprintln(x.commands, line)
	return x.block()
}

// block reads one answer in control mode, and notices before it.
func (x *tmux) block() (lines []string) {
	x.t.Helper()
	inside := false
	for {
		line, err := x.results.ReadString('\n')
		if err != nil {
			x.t.Fatalf("tmux: %v", err)
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "%begin "):
			inside = true
		case strings.HasPrefix(line, "%end "):
			return lines
		case strings.HasPrefix(line, "%error "):
			x.t.Fatalf("tmux: %q", lines)
		case inside:
			lines = append(lines, line)
		}
	}
}

const resetPane = "\x18\x1b[?1049l\x1b[r\x1b)B\x1b(B\x0f\x1bc\x1b[20l\x1b]2;\x07\x1b7"

// feed shows bytes on a fresh screen and waits until tmux has seen all.
func (x *tmux) feed(data string) (replies string) {
	x.t.Helper()
	if _, err := x.show.WriteString(resetPane + data + "\x18\x1b[5n\x1b[>c\x1b[5n"); err != nil {
		x.t.Fatal(err)
	}
	const end = "\x1b[0n\x1b[>84;0;0c\x1b[0n" // nobody else asks for these in a row
	for !strings.HasSuffix(replies, end) {
		b, err := x.answers.ReadByte()
		if err != nil {
			x.t.Fatal(err)
		}
		replies += string(b)
	}
	return strings.TrimSuffix(replies, end)
}

// see gives the pane after some bytes.
func (x *tmux) see(data string, cols int) seen {
	x.t.Helper()
	result := seen{Replies: x.feed(data)}
	result.Lines = decode(x.command("capture-pane -p -e"), cols)
	state := x.command(`display-message -p "#{cursor_x} #{cursor_y} ` + flags + `"`)
	if _, err := fmt.Sscan(state[0], &result.Col, &result.Row); err != nil {
		x.t.Fatalf("%q: %v", state, err)
	}
	result.Flags = strings.SplitN(state[0], " ", 3)[2]
	return result
}

// decode reads lines with colours and line drawing as tmux writes them down.
func decode(lines []string, cols int) []string {
	s := New(cols+1, len(lines), 0)
	fmt.Fprintf(s, "\x1b)0%s", strings.Join(lines, "\r\n"))
	return looks(s)
}

// looks is the text of each row and then the styles in it, but for those of
// blanks: tmux does not write them all down.
func looks(s *Screen) []string {
	lines := s.Lines()
	for i, row := range s.grid() {
		var last Style
		for col, c := range row {
			if c.Rune != 0 && c.Rune != ' ' && c.Style != last {
				lines[i] += fmt.Sprintf(" %d:%x", col, c.Style)
				last = c.Style
			}
		}
	}
	return lines
}

// flags are the settings to compare; flagsOf gives them for a Screen.
const flags = `alternate=#{alternate_on} region=#{scroll_region_upper}-#{scroll_region_lower} insert=#{insert_flag} ` +
	`wrap=#{wrap_flag} origin=#{origin_flag} keys=#{keypad_cursor_flag} visible=#{cursor_flag}`

func flagsOf(s *Screen) string {
	number := map[bool]int{true: 1}
	return fmt.Sprintf("alternate=%d region=%d-%d insert=%d wrap=%d origin=%d keys=%d visible=%d",
		number[s.alternate], s.top, s.bottom, number[s.mode.insert], number[s.mode.wrap], number[s.mode.origin],
		number[s.mode.cursorKeys], number[!s.mode.hidden])
}

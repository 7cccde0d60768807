package world

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// The tests start this test binary anew in a terminal of its own. It then plays
// one of these programs.
var programs = map[string]func(*World){
	"keys":   keys,
	"twice":  twice,
	"hang":   hang,
	"nobody": nobody,
}

func TestMain(m *testing.M) {
	if program := programs[os.Getenv("GOFAB_CONSOLE_PROGRAM")]; program != nil {
		program(Process())
		Leave(ExitOK)
	}
	os.Exit(m.Run())
}

// keys tells each key and each new size until q is typed, and then a line.
func keys(w *World) {
	c, err := w.Console()
	if err != nil {
		fmt.Println(err)
		return
	}
	typed, gone := make(chan byte), make(chan error)
	go read(c, typed, gone)
	fmt.Print("ready\r\n")
	for key := byte(0); key != 'q'; {
		select {
		case key = <-typed:
			fmt.Fprintf(c, "key %q\r\n", key)
		case <-c.Resized():
			cols, rows := c.Size()
			fmt.Fprintf(c, "size %dx%d\r\n", cols, rows)
		}
	}
	c.Close()
	c.Close()
	fmt.Println("closed:", errors.Is(<-gone, os.ErrClosed))
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Printf("line %q\n", line)
}

func read(c kit.Console, typed chan<- byte, gone chan<- error) {
	key := make([]byte, 1)
	for {
		if _, err := c.Read(key); err != nil {
			gone <- err
			return
		}
		typed <- key[0]
	}
}

// twice takes the terminal a second time, and again after it was given back.
func twice(w *World) {
	c, err := w.Console()
	fmt.Print(err, "\r\n")
	_, err = w.Console()
	fmt.Print(fault.KindOf(err), "\r\n")
	c.Close()
	_, err = w.Console()
	fmt.Print(err, "\r\n")
}

// hang has the terminal until it is killed by a second signal.
func hang(w *World) {
	ctx, stop := w.Run(context.Background())
	defer stop()
	if _, err := w.Console(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print("ready\r\n")
	<-ctx.Done()
	fmt.Print("once\r\n")
	select {}
}

// nobody has no terminal to take.
func nobody(w *World) {
	_, err := w.Console()
	fmt.Println(fault.KindOf(err))
}

// terminal is the person's side of a program's terminal.
type terminal struct {
	t   *testing.T
	cmd *exec.Cmd
	*os.File
	output *bufio.Reader
}

func start(t *testing.T, program string) *terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "GOFAB_CONSOLE_PROGRAM="+program)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &terminal{t, cmd, master, bufio.NewReader(master)}
}

// sees waits for a line of the program.
func (x *terminal) sees(want string) {
	x.t.Helper()
	for {
		line, err := x.output.ReadString('\n')
		if strings.TrimRight(line, "\r\n") == want {
			return
		}
		if err != nil {
			x.t.Fatalf("no line %q: %v", want, err)
		}
		x.t.Logf("skipped %q", line)
	}
}

func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

func (x *terminal) signal(s syscall.Signal) {
	x.t.Helper()
	if err := x.cmd.Process.Signal(s); err != nil {
		x.t.Fatal(err)
	}
}

// settings are those of the program's terminal.
func (x *terminal) settings() unix.Termios {
	x.t.Helper()
	state, err := unix.IoctlGetTermios(int(x.Fd()), unix.TCGETS)
	if err != nil {
		x.t.Fatal(err)
	}
	return *state
}

func TestConsole(t *testing.T) {
	x := start(t, "keys")
	x.sees("ready")
	if x.settings().Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != 0 {
		t.Error("the terminal is not raw")
	}
	x.types("a\x03\r")
	x.sees("key 'a'")
	x.sees(`key '\x03'`)
	x.sees(`key '\r'`)
	if err := pty.Setsize(x.File, &pty.Winsize{Cols: 132, Rows: 43}); err != nil {
		t.Fatal(err)
	}
	x.sees("size 132x43")
	x.types("q")
	x.sees("closed: true")
	if x.settings().Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != unix.ICANON|unix.ECHO|unix.ISIG {
		t.Error("the terminal is still raw")
	}
	x.types("after it\n")
	x.sees(`line "after it\n"`)
}

// A program that was stopped finds the terminal as others left it.
func TestConsoleIsRawAgainAfterAStop(t *testing.T) {
	x := start(t, "keys")
	before := x.settings()
	x.sees("ready")
	if err := unix.IoctlSetTermios(int(x.Fd()), unix.TCSETS, &before); err != nil {
		t.Fatal(err)
	}
	x.signal(syscall.SIGCONT)
	x.sees("size 100x30")
	if x.settings().Lflag&unix.ICANON != 0 {
		t.Error("the terminal is not raw")
	}
}

func TestOneConsoleAtATime(t *testing.T) {
	x := start(t, "twice")
	x.sees("<nil>")
	x.sees("exists")
	x.sees("<nil>")
}

func TestASecondSignalGivesTheTerminalBack(t *testing.T) {
	x := start(t, "hang")
	x.sees("ready")
	x.signal(syscall.SIGTERM)
	x.sees("once")
	if x.settings().Lflag&unix.ICANON != 0 {
		t.Error("the terminal is not raw")
	}
	x.signal(syscall.SIGTERM)
	_ = x.cmd.Wait()
	if x.settings().Lflag&unix.ICANON == 0 {
		t.Error("the terminal is still raw")
	}
	if code := x.cmd.ProcessState.ExitCode(); code != ExitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

func TestNoConsoleWithoutATerminal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "GOFAB_CONSOLE_PROGRAM=nobody")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "denied\n" {
		t.Errorf("%q %v", out, err)
	}
}

// Package world is the only door to the process: arguments, environment,
// working folder, standard streams, terminal, clock, signals and exit codes.
// Nothing else in gofab touches those, so that a whole run can be made and
// looked at inside a test.
package world

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"gofab/internal/fault"
)

// World is a process as gofab sees it.
type World struct {
	Args  []string // without the program's name
	In    io.Reader
	Out   io.Writer
	Err   io.Writer
	Clock func() time.Time

	mu      sync.Mutex
	env     map[string]string
	dir     string
	stdout  *os.File   // nil when Out is not a file
	asking  sync.Mutex // who has the terminal
	taken   *console   // the terminal, while it is taken over
	endRun  context.CancelCauseFunc
	section *section // what Ctrl-C ends first
}

// Exit is the cause of a run that a script ended with os.exit.
type Exit struct{ Code int }

func (e *Exit) Error() string { return "exit" }

// Process is the world of the running process.
func Process() *World {
	w := &World{
		Args: os.Args[1:], In: os.Stdin, Err: os.Stderr, Clock: time.Now,
		env: map[string]string{}, stdout: os.Stdout,
	}
	w.Out = newOutput(func() { w.RequestExit(ExitClosed) })
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		w.env[name] = value
	}
	w.dir, _ = os.Getwd()
	return w
}

// Getenv gives a variable of the environment.
func (w *World) Getenv(name string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	value, ok := w.env[name]
	return value, ok
}

// Env is Getenv with "" for a variable that is not set.
func (w *World) Env(name string) string {
	value, _ := w.Getenv(name)
	return value
}

// Setenv sets a variable for this run and the commands it starts.
func (w *World) Setenv(name, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.env[name] = value
	_ = os.Setenv(name, value)
}

// Environ lists the environment as NAME=value.
func (w *World) Environ() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]string, 0, len(w.env))
	for name, value := range w.env {
		list = append(list, name+"="+value)
	}
	return list
}

// Dir is the working folder.
func (w *World) Dir() string {
	if dir, err := os.Getwd(); err == nil {
		return dir
	}
	return w.dir // it was removed under us
}

// Chdir changes the working folder of the process.
func (w *World) Chdir(dir string) error {
	if err := os.Chdir(dir); err != nil {
		return fault.Wrap(fault.NotFound, err, "cannot change to the folder %s", dir)
	}
	w.dir, _ = os.Getwd()
	return nil
}

// Home is the user's home folder, "" when the system does not say.
func (w *World) Home() string {
	if home, ok := w.Getenv("HOME"); ok {
		return home
	}
	home, _ := os.UserHomeDir()
	return home
}

// Now is the time.
func (w *World) Now() time.Time { return w.Clock() }

// Stdin, Stdout and Stderr are the standard streams.
func (w *World) Stdin() io.Reader { return w.In }
func (w *World) Stdout() io.Writer {
	if o, ok := w.Out.(*output); ok {
		return o.File // programs that are started get the file itself
	}
	return w.Out
}
func (w *World) Stderr() io.Writer { return w.Err }

// Terminal tells whether standard output is a terminal, and its size.
func (w *World) Terminal() (columns, rows int, ok bool) {
	if w.stdout == nil || !term.IsTerminal(int(w.stdout.Fd())) {
		return 0, 0, false
	}
	columns, rows, err := term.GetSize(int(w.stdout.Fd()))
	return columns, rows, err == nil
}

// Colour tells whether what goes to standard output may have colours: on a
// terminal that has them, unless NO_COLOR is set; elsewhere where FORCE_COLOR is.
func (w *World) Colour() bool {
	if w.Env("NO_COLOR") != "" {
		return false
	}
	if force := w.Env("FORCE_COLOR"); force != "" {
		return force != "0" && force != "false"
	}
	_, _, terminal := w.Terminal()
	return terminal && w.Env("TERM") != "dumb"
}

// StdinTerminal gives standard input as a file when it is a terminal.
func (w *World) StdinTerminal() (*os.File, bool) {
	f, ok := w.In.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

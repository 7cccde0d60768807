package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/interact"
	"gofab/internal/ptyproc"
	"gofab/internal/recording"
)

// recordCommand runs a program for a person and writes down what happened.
type recordCommand struct {
	app   *app
	path  string // of the script
	force bool
}

func (a *app) recordCommand() *cobra.Command {
	r := &recordCommand{app: a}
	c := &cobra.Command{
		Use:   "record [-o FILE.lua] -- COMMAND...",
		Short: "Write a script from your own session with a program",
		Long: `Run a program for you, and write a Lua script that holds the same dialogue: it
waits for the prompts that you saw and gives the answers that you typed.

  gofab record -o setup.lua -- ./setup.sh
  gofab setup.lua

What you type without seeing it is a secret: it is stored nowhere, and the script
asks for it. Beside the script a recording is written, setup.cast, which
asciinema can play and 'gofab replay' makes a fake of for tests. The exit code is
that of the program.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error { return r.run(cmd.Context(), words) },
	}
	c.Flags().SetInterspersed(false)
	c.Flags().StringVarP(&r.path, "output", "o", "", "the script to write; the program's name with .lua when left out")
	c.Flags().BoolVar(&r.force, "force", false, "overwrite files that are there")
	return c
}

func (r *recordCommand) run(ctx context.Context, words []string) error {
	if len(words) == 0 {
		return fault.New(fault.Usage, "no command given").WithHint("gofab record -o setup.lua -- ./setup.sh")
	}
	if r.path == "" {
		r.path = filepath.Base(words[0]) + ".lua"
	}
	if filepath.Ext(r.path) != ".lua" {
		return fault.New(fault.Usage, "-o %s: want the name of a script, with .lua at its end", r.path)
	}
	if err := r.free(); err != nil {
		return err
	}
	ctx, stop := r.app.world.Run(ctx)
	defer stop()
	console, err := r.app.world.Console()
	if err != nil {
		return err
	}
	s, err := r.app.startSession(words, console)
	if err != nil {
		console.Close()
		return err
	}
	code, err := s.talk(ctx)
	r.app.code = max(code, 0)
	if saved := r.save(s.recorder.Close(code)); err == nil {
		err = saved
	}
	return err
}

// files are the script and the recording.
func (r *recordCommand) files() (script, cast string) {
	return r.path, strings.TrimSuffix(r.path, ".lua") + ".cast"
}

func (r *recordCommand) free() error {
	script, cast := r.files()
	for _, path := range []string{script, cast} {
		if _, err := os.Lstat(path); err == nil && !r.force {
			return fault.New(fault.Exists, "%s is there already", path).WithHint("choose another name by -o, or overwrite it by --force")
		}
	}
	trial, err := os.CreateTemp(filepath.Dir(script), ".gofab-record-") // better told now than after the session
	if err != nil {
		return fault.OS(err, "cannot write %s", script)
	}
	trial.Close()
	return os.Remove(trial.Name())
}

func (r *recordCommand) save(session *recording.Recording) error {
	script, cast := r.files()
	if err := atomicfile.Write(cast, session.Marshal(), 0o600); err != nil {
		return err
	}
	if err := atomicfile.Write(script, []byte(session.Script()), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(r.app.world.Err, "wrote %s and %s\n", script, cast)
	if session.Cut {
		fmt.Fprintln(r.app.world.Err, "the session was too large: the recording lacks output")
	}
	return nil
}

// session is a program that a person talks to while it is recorded.
type session struct {
	stream   expect.Stream
	terminal *ptyproc.Terminal
	console  kit.Console
	mu       sync.Mutex // guards the recorder
	recorder *recording.Recorder
}

func (a *app) startSession(words []string, console kit.Console) (*session, error) {
	cols, rows := console.Size()
	stream, err := ptyproc.Start(ptyproc.Options{Args: words, Env: a.world.Environ(), Rows: rows, Cols: cols, Echo: true})
	if err != nil {
		return nil, err
	}
	program := recording.Program{Command: words, Term: a.world.Env("TERM")}
	s := &session{stream: stream, console: console, recorder: recording.New(program, cols, rows, a.world.Now)}
	s.terminal, _ = stream.(*ptyproc.Terminal)
	return s, nil
}

// talk joins the person and the program until the program ends, and gives its
// exit code.
func (s *session) talk(ctx context.Context) (code int, err error) {
	defer s.stream.Close()
	reason, err := interact.Run(ctx, s.console, s, interact.Options{Typed: s.typed, Shown: s.shown})
	if err != nil || reason != interact.Ended {
		return -1, err
	}
	exit, err := s.terminal.Wait(ctx)
	return exit.Code, err
}

func (s *session) typed(p []byte) {
	echo, err := s.terminal.Echo()
	hidden := err == nil && !echo && s.terminal.LineLimit() > 0 // a line that is not shown
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorder.Input(p, hidden)
}

func (s *session) shown(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorder.Output(p)
}

// Next, Send and Resize make a session the program of a person.

func (s *session) Next(ctx context.Context) ([]byte, error) {
	defer context.AfterFunc(ctx, func() { _ = s.stream.Close() })() // the read ends with the program
	buf := make([]byte, 32<<10)
	n, err := s.stream.Read(buf)
	return buf[:n], err
}

func (s *session) Send(ctx context.Context, p []byte) error {
	defer context.AfterFunc(ctx, func() { _ = s.stream.SetWriteDeadline(time.Unix(1, 0)) })()
	_, err := s.stream.Write(p)
	return err
}

func (s *session) Resize(cols, rows int) error {
	if r, c, err := s.terminal.Size(); err == nil && r == rows && c == cols {
		return nil
	}
	s.mu.Lock()
	s.recorder.Resize(cols, rows)
	s.mu.Unlock()
	return s.terminal.Resize(rows, cols)
}

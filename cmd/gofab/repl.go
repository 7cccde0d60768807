package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gofab/internal/fault"
	"gofab/runtime/run"
	"gofab/runtime/vm"
)

func (a *app) replCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "repl [FILE]",
		Short: "Type Lua and see what it gives",
		Long: `Read Lua line by line, run it and print what it gives. With a file, that fabfile
is loaded first: its hosts and functions are at hand. Ctrl-D ends it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			r, err := a.begin(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			if len(words) == 1 {
				err = r.Load(words[0], nil)
			} else {
				err = r.Stage()
			}
			if err != nil {
				return a.finish(r, nil, err)
			}
			return a.finish(r, nil, a.converse(r))
		},
	}
	a.runFlags(c.Flags())
	return c
}

// prompter reads one line under a prompt.
type prompter interface {
	line(prompt string) (string, error)
}

// converse reads, runs and prints until the input ends.
func (a *app) converse(r *run.Run) error {
	in := a.prompter()
	for r.Context.Err() == nil {
		chunk, err := readChunk(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		values, err := r.Try(chunk)
		if err != nil {
			if r.Context.Err() != nil {
				return err
			}
			r.Problem(err)
		} else if len(values) > 0 {
			r.Env.Events.Print("", strings.Join(values, "\t")+"\n")
		}
		_ = r.Flush()
	}
	return nil
}

// readChunk reads lines until they are a whole chunk.
func readChunk(in prompter) (string, error) {
	chunk, err := in.line("> ")
	for err == nil && unfinished(chunk) {
		var more string
		if more, err = in.line(">> "); err == nil {
			chunk += "\n" + more
		}
	}
	return chunk, err
}

func unfinished(chunk string) bool {
	err := vm.Check(chunk)
	return err != nil && fault.From(err).Message == vm.Unfinished
}

func (a *app) prompter() prompter {
	if tty, ok := a.world.StdinTerminal(); ok {
		return &terminal{in: tty, out: a.world.Out, fd: int(tty.Fd())}
	}
	return plain{bufio.NewReader(a.world.In)}
}

// plain reads from a file or pipe, without prompts.
type plain struct{ in *bufio.Reader }

func (p plain) line(string) (string, error) {
	line, err := p.in.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimSuffix(line, "\n"), err
}

// terminal reads with line editing and history. The terminal is raw only while
// a line is typed, so that Ctrl-C ends what runs.
type terminal struct {
	in     io.Reader
	out    io.Writer
	fd     int
	editor *term.Terminal
}

func (t *terminal) line(prompt string) (string, error) {
	state, err := term.MakeRaw(t.fd)
	if err != nil {
		return "", fault.Wrap(fault.Failed, err, "cannot set the terminal up")
	}
	defer term.Restore(t.fd, state) //nolint:errcheck // nothing can be done about it
	if t.editor == nil {
		t.editor = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{t.in, t.out}, "")
	}
	t.editor.SetPrompt(prompt)
	line, err := t.editor.ReadLine()
	if errors.Is(err, io.EOF) {
		fmt.Fprint(t.out, "\r\n")
	}
	return line, err
}

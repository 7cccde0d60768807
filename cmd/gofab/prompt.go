package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"gofab/internal/fault"
	"gofab/internal/termsafe"
	"gofab/runtime/journal"
)

// prompt reads lines: from a person, with editing, history and completion, or
// from a file or pipe as they are. The terminal is raw only while a line is
// typed, so that Ctrl-C ends what runs.
type prompt struct {
	plain  *bufio.Reader // nil on a terminal
	out    io.Writer
	fd     int
	editor *term.Terminal
}

// completer lists what the end of a line may become.
type completer func(before string) completion

type completion struct {
	at    int      // where the words begin
	words []string // what may stand there
	after string   // what follows a word when it is the only one
}

// prompt opens the prompt of a command. Lines are remembered in a file of the
// person's state folder.
func (a *app) prompt(history string, complete completer) *prompt {
	tty, ok := a.world.StdinTerminal()
	if !ok {
		return &prompt{plain: bufio.NewReader(a.world.In)}
	}
	p := &prompt{out: a.world.Out, fd: int(tty.Fd())}
	p.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keys{in: tty}, a.world.Out}, "")
	folder := filepath.Dir(journal.Folder(a.world.Env, a.world.Home()))
	p.editor.History = openHistory(filepath.Join(folder, history))
	if complete != nil {
		p.editor.AutoCompleteCallback = p.tab(complete)
	}
	return p
}

// read gives a line, io.EOF at the end. Ctrl-C drops what was typed.
func (p *prompt) read(text string) (string, error) {
	if p.plain != nil {
		line, err := p.plain.ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		return strings.TrimSuffix(line, "\n"), err
	}
	state, err := term.MakeRaw(p.fd)
	if err != nil {
		return "", fault.Wrap(fault.Failed, err, "cannot set the terminal up")
	}
	defer term.Restore(p.fd, state) //nolint:errcheck // nothing can be done about it
	if columns, rows, err := term.GetSize(p.fd); err == nil && columns > 0 {
		_ = p.editor.SetSize(columns, rows)
	}
	p.editor.SetPrompt(text)
	line, err := p.editor.ReadLine()
	if errors.Is(err, io.EOF) {
		fmt.Fprint(p.out, "\r\n")
	}
	return line, err
}

// tab completes what is typed as far as it is clear, and lists what it may
// become where it is not.
func (p *prompt) tab(complete completer) func(line string, pos int, key rune) (string, int, bool) {
	return func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		c := complete(line[:pos])
		if len(c.words) == 0 {
			return line, pos, true
		}
		word := commonPrefix(c.words)
		if len(c.words) > 1 && len(word) <= pos-c.at {
			fmt.Fprintf(p.editor, "%s\n", termsafe.Line(strings.Join(c.words[:min(len(c.words), 100)], "  ")))
			return line, pos, true
		}
		if len(c.words) == 1 {
			word += c.after
		}
		return line[:c.at] + word + line[pos:], c.at + len(word), true
	}
}

func commonPrefix(words []string) string {
	first, last := slices.Min(words), slices.Max(words)
	n := 0
	for n < len(first) && n < len(last) && first[n] == last[n] {
		n++
	}
	return first[:n]
}

// keys is what is typed. Ctrl-C, which the editor takes for the end, becomes the
// keys that empty the line and enter it.
type keys struct {
	in   io.Reader
	rest []byte // typed and not read yet
}

const dropLine = "\x05\x15\r" // to the end, delete to the beginning, enter

func (k *keys) Read(p []byte) (int, error) {
	if len(k.rest) == 0 {
		buf := make([]byte, 256)
		n, err := k.in.Read(buf)
		if err != nil {
			return 0, err
		}
		k.rest = bytes.ReplaceAll(buf[:n], []byte{3}, []byte(dropLine))
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// history is the lines of former prompts, the latest first. A line that begins
// with a space is not kept.
type history struct {
	path  string
	lines []string // the oldest first
}

const historySize = 1000

func openHistory(path string) *history {
	h := &history{path: path}
	text, _ := os.ReadFile(path) // without one there is nothing to remember
	for _, line := range strings.Split(string(text), "\n") {
		if line != "" {
			h.lines = append(h.lines, line)
		}
	}
	h.lines = h.lines[max(len(h.lines)-historySize, 0):]
	return h
}

// Add remembers a line. A file that cannot be written is no reason to stop.
func (h *history) Add(line string) {
	if line == "" || line[0] == ' ' || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	_ = os.MkdirAll(filepath.Dir(h.path), 0o700)
	file, err := os.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	fmt.Fprintln(file, line)
	_ = file.Close()
}

func (h *history) Len() int { return len(h.lines) }

func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
